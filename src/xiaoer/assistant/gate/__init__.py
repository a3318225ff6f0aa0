"""What stands between the model's words and the customer: claims, what backs them, and what may leave."""
