"""Finding and masking what tells who somebody is: phones, identity numbers, bank cards, addresses, e-mail."""
