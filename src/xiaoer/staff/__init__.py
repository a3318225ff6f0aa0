"""Staff: the people who help customers, what they may do, and how they sign in."""
