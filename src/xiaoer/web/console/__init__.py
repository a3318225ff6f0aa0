"""The console: where staff see conversations, take them over, and look after the shop."""
