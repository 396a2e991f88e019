"""The demo: a conversation of nine months that ships with mnemic, and ten questions about it."""
