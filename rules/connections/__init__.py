"""Database connections: who holds one, and for how long."""
