"""The schemas pack."""
