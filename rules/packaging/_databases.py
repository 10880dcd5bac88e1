"""Drivers that the databases of a program need: of SQLAlchemy's URLs and of Django's engines."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.stack import Database, databases, offers
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._features import Feature
from ._installed import installed
from ._reach import tops

_MAPPERS = frozenset({"sqlalchemy", "sqlmodel", "flask_sqlalchemy", "databases"})
_BUILT_IN = frozenset({"", "pysqlite", "sqlite3"})
_DRIVERS = {
    "aiomysql": ("aiomysql",), "aiosqlite": ("aiosqlite",), "asyncmy": ("asyncmy",), "asyncpg": ("asyncpg",),
    "cx_oracle": ("cx-oracle",), "mysqlconnector": ("mysql-connector-python", "mysql-connector"),
    "mysqldb": ("mysqlclient",), "oracledb": ("oracledb",), "pg8000": ("pg8000",), "psycopg": ("psycopg",),
    "psycopg2": ("psycopg2", "psycopg2-binary"), "pymssql": ("pymssql",), "pymysql": ("pymysql",),
    "pyodbc": ("pyodbc",),
}  # fmt: skip
_ENGINES = {
    "django.db.backends.postgresql": ("psycopg2", "psycopg", "psycopg2-binary"),
    "django.contrib.gis.db.backends.postgis": ("psycopg2", "psycopg", "psycopg2-binary"),
    "django.db.backends.mysql": ("mysqlclient", "pymysql"),
    "django.db.backends.oracle": ("oracledb", "cx-oracle"),
}


def driver_needs(project: Project) -> tuple[Feature, ...]:
    """The drivers that URLs and settings name."""
    urls = _of_urls(project) if any(not _MAPPERS.isdisjoint(project[tops, path]) for path in project.paths) else ()
    return (*urls, *_of_django(project))


def _of_urls(project: Project) -> Iterator[Feature]:
    every = [each for each in project[databases] if each.at.path.endswith(".py") and not is_aside(each.at.path)]
    for each in every:
        if each.driver in _DRIVERS and not _is_replaceable(project, each, every):
            yield Feature(f"{each.name}+{each.driver}", _DRIVERS[each.driver], each.at)


def _is_replaceable(project: Project, each: Database, every: list[Database]) -> bool:
    """Whether the environment may name another database, one that has its driver."""
    default = any(other.default for other in every if (other.name, other.driver) == (each.name, each.driver))
    if not default and all(other.name == each.name for other in every):
        return False
    there = project[installed].names
    drivers = {offer.distribution for offer in project[offers] if offer.role == "driver"}
    return bool(drivers & there) or any(other.driver in _BUILT_IN and other.name == "sqlite" for other in every)


def _of_django(project: Project) -> Iterator[Feature]:
    found = [each for path in project.paths for each in project[_engines, path]]
    if len({name for name, _ in found}) == 1:
        name, at = found[0]
        if name in _ENGINES:
            yield Feature(name, _ENGINES[name], at)


def _engines(project: Project, path: str) -> tuple[tuple[str, Location], ...]:
    """The engines of `DATABASES` that a settings module writes out; `""` for one that is computed."""
    module = project.module(path)
    found = []
    for binding in module.bindings if module is not None else ():
        if binding.name != "DATABASES" or binding.kind != "assign":
            continue
        engines = [
            value
            for node in tree.walk(binding.value)
            if isinstance(node, tree.Mapping)
            for key, value in node.items
            if isinstance(key, tree.Constant) and key.value == "ENGINE"
        ]
        if not engines:
            found.append(("", Location(path, binding.at)))
        for value in engines:
            known = isinstance(value, tree.Constant) and isinstance(value.value, str)
            found.append((value.value if known else "", Location(path, value.at)))
    return tuple(found)
