"""The fastapi pack."""
