"""The experience room."""
