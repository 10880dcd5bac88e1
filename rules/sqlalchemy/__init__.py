"""The sqlalchemy pack."""
