"""The turn: from a customer's message to one backed answer, a person or a refusal."""
