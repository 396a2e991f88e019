"""Stores: where banks live. One protocol; an embedded engine in one file."""
