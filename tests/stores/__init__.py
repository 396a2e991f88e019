"""Whole stores: copied, migrated, moved, routed."""
