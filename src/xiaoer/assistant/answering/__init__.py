"""From evidence to an answer: written by a capable model, chosen by a small one, or quoted."""
