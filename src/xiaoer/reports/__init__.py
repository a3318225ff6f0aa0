"""Figures about a store: read-only questions over what is stored."""
