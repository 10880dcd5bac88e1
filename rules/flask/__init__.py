"""The flask pack."""
