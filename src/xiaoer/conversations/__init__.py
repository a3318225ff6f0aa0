"""Conversations, their messages in order, and who answers next."""
