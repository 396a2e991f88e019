"""In-memory search indexes over one bank, rebuilt from and refreshed by the store."""
