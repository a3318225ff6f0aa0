"""The demo store: a believable phone-and-wearables shop."""
