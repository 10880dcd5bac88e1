"""SQL written in strings, against the schema and the driver."""
