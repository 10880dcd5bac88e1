"""SQLAlchemy, SQLModel and what builds on them: mappings, sessions and statements."""

CONCERNS = (
    "sqlalchemy",
    "sqlmodel",
    "flask",
    "fastapi_users",
    "advanced_alchemy",
    "alembic",
    "geoalchemy2",
    "litestar",
)
