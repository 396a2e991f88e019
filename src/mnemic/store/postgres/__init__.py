"""The server engine: PostgreSQL 15 or newer, and numpy for search; pgvector is used where it is there."""
