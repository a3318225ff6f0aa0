"""A shop's own exam: questions with what a right answer is, asked through whole turns that leave nothing behind."""
