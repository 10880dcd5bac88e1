"""The transactions pack."""
