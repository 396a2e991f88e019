"""mnemic: the memory of AI agents."""
