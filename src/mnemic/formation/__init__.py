"""The formation room."""
