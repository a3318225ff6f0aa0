"""PostgreSQL: embedded or by URL, its records, sessions and migrations."""
