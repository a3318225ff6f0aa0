"""What the shop knows: articles, the passages cut from them, and the search over both."""
