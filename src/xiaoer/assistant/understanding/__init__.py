"""What a customer's message says, found by rules: language, intent, topic, mood, entities, follow-ups, injections."""
