"""The embedded engine: the standard library's SQLite, and numpy for search."""
