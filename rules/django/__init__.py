"""The django pack."""
