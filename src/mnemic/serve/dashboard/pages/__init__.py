"""The pages of the dashboard, one subject a file; each has a ``router``."""
