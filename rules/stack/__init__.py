"""The stack pack."""
