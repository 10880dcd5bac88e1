"""The distributions that backends are built of."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.stack import Offer, offers
from cdlint.project import Project

_FRAMEWORKS = {
    "aiohttp": ("aiohttp",), "bottle": ("bottle",), "django": ("django",), "django-ninja": ("ninja",),
    "djangorestframework": ("rest_framework",), "falcon": ("falcon",), "fastapi": ("fastapi",), "flask": ("flask",),
    "flask-restful": ("flask_restful",), "flask-restx": ("flask_restx",), "flask-smorest": ("flask_smorest",),
    "litestar": ("litestar",), "pyramid": ("pyramid",), "quart": ("quart",), "sanic": ("sanic",),
    "starlette": ("starlette",), "strawberry-graphql": ("strawberry",), "graphene": ("graphene",),
    "graphene-django": ("graphene_django",), "tornado": ("tornado",), "wagtail": ("wagtail",),
}  # fmt: skip
_MAPPERS = {
    "beanie": ("beanie",), "flask-sqlalchemy": ("flask_sqlalchemy",), "mongoengine": ("mongoengine",),
    "peewee": ("peewee",), "pony": ("pony",), "sqlalchemy": ("sqlalchemy",), "sqlmodel": ("sqlmodel",),
    "tortoise-orm": ("tortoise",), "advanced-alchemy": ("advanced_alchemy",),
}  # fmt: skip
_SCHEMAS = {
    "attrs": ("attr", "attrs"), "marshmallow": ("marshmallow",), "msgspec": ("msgspec",), "pydantic": ("pydantic",),
    "pydantic-settings": ("pydantic_settings",), "wtforms": ("wtforms",),
}  # fmt: skip
_MIGRATIONS = {"alembic": ("alembic",), "flask-migrate": ("flask_migrate",), "aerich": ("aerich",)}
_QUEUES = {
    "apscheduler": ("apscheduler",), "arq": ("arq",), "celery": ("celery",), "django-q2": ("django_q",),
    "django-rq": ("django_rq",), "dramatiq": ("dramatiq",), "huey": ("huey",), "procrastinate": ("procrastinate",),
    "rq": ("rq",), "saq": ("saq",), "taskiq": ("taskiq",),
}  # fmt: skip
_SERVERS = {
    "daphne": ("daphne",), "granian": ("granian",), "gunicorn": ("gunicorn",), "hypercorn": ("hypercorn",),
    "uvicorn": ("uvicorn",), "uwsgi": ("uwsgi",), "waitress": ("waitress",),
}  # fmt: skip
_DRIVERS = {
    "postgresql": {
        "asyncpg": "asyncpg", "pg8000": "pg8000", "psycopg": "psycopg", "psycopg-binary": "psycopg",
        "psycopg2": "psycopg2", "psycopg2-binary": "psycopg2", "psycopg2cffi": "psycopg2cffi",
    },
    "mysql": {
        "aiomysql": "aiomysql", "asyncmy": "asyncmy", "mysql-connector-python": "mysql", "mysqlclient": "MySQLdb",
        "pymysql": "pymysql",
    },
    "sqlite": {"aiosqlite": "aiosqlite"},
    "oracle": {"cx-oracle": "cx_Oracle", "oracledb": "oracledb"},
    "mssql": {"aioodbc": "aioodbc", "mssql-django": "mssql", "pymssql": "pymssql", "pyodbc": "pyodbc"},
    "mongodb": {"motor": "motor", "pymongo": "pymongo"},
}  # fmt: skip


@provides(offers)
def known_offers(project: Project) -> tuple[Offer, ...]:
    """Frameworks, mappers, schema libraries, migrations, queues, servers and drivers."""
    tables = (
        ("framework", _FRAMEWORKS), ("orm", _MAPPERS), ("schemas", _SCHEMAS), ("migrations", _MIGRATIONS),
        ("queue", _QUEUES), ("server", _SERVERS),
    )  # fmt: skip
    found = [Offer(name, role, modules) for role, table in tables for name, modules in table.items()]
    for database, drivers in _DRIVERS.items():
        found.extend(Offer(name, "driver", (module,), database) for name, module in drivers.items())
    return tuple(found)
