"""The calls pack."""
