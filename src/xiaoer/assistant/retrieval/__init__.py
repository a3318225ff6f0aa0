"""What the shop knows that bears on a question: found, scored, and kept with its reasons."""
