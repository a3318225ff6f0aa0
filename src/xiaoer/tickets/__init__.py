"""Work that outlives a conversation: tickets with a number, a promise and a life of their own."""
