"""Languages: which one, how its sentences and words divide, and the fixed texts in each."""
