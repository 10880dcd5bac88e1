"""What the configured database cannot do."""
