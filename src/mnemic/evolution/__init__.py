"""The evolution room."""
