"""The desk: the one place where parts are made and joined."""
