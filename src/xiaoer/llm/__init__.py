"""Language models: what is said to them, how they are reached, and where they are kept."""
