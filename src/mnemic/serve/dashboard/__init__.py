"""The dashboard: the store in a browser."""
