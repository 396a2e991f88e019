"""The vocabulary of mnemic: what every room speaks, and nothing that any room does."""
