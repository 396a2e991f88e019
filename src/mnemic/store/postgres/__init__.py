"""The server store: PostgreSQL, every key led by its bank."""
