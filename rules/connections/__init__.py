"""Database connections: who holds one, and for how long."""

CONCERNS = ("aiomysql", "aiopg", "aiosqlite", "asyncmy", "asyncpg", "psycopg", "sqlalchemy", "sqlmodel", "flask")
