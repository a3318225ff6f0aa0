"""Dialogues about orders and prices, led by code: what is wanted, what is missing, what was confirmed."""
