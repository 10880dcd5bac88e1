"""The structure pack."""
