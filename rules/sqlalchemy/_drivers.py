"""Engines whose URL names a driver of the other kind: synchronous for an asynchronous engine, or the reverse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import callers_by_name, calling
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.project.versions import satisfied, statements
from cdlint.rule import Location

from ._names import PACKAGES, is_used
from ._statements import Place
from ._terms import Term
from ._urls import Url, url

_ASYNC = frozenset({"asyncpg", "aiosqlite", "aiomysql", "asyncmy", "aioodbc", "psycopg_async", "oracledb_async"})

_SYNC = frozenset(
    {
        "psycopg2", "pg8000", "psycopg2cffi", "pysqlite", "pysqlcipher", "mysqldb", "pymysql", "mysqlconnector",
        "cymysql", "pyodbc", "pymssql", "cx_oracle",
    }
)  # fmt: skip
_DEFAULTS = {"sqlite": "pysqlite", "mysql": "mysqldb", "mariadb": "mysqldb", "mssql": "pyodbc"}
"""The drivers of dialects in all versions."""
FITTING = {
    "postgresql": "asyncpg", "sqlite": "aiosqlite", "mysql": "aiomysql", "mariadb": "aiomysql", "mssql": "aioodbc",
}  # fmt: skip
"""An asynchronous driver of each database."""
_MAKERS = {
    "create_async_engine": True, "async_engine_from_config": True, "create_engine": False, "engine_from_config": False,
}  # fmt: skip
_KEY = "SQLALCHEMY_DATABASE_URI"
_INI = re.compile(r"(?m)^[ \t]*sqlalchemy\.url\s*=\s*([a-z][a-z0-9]*)(?:\+(\w+))?://")


class Mismatch(NamedTuple):
    """An engine and its URL."""

    maker: str
    is_async: bool
    url: Url
    driver: str
    """The driver that the URL stands for."""
    made: Location
    scope: str


def makers(project: Project) -> tuple[Place, ...]:
    """The functions that make engines, or configure an extension that does."""
    paths = project.paths if project[is_used] else ()
    return tuple(place for path in paths for place in project[_makers_in, path])


def _makers_in(project: Project, path: str) -> tuple[Place, ...]:
    module = project.module(path) if project[_has_extension] else None
    makers = {function.qualname for function in calling(project, path, frozenset(_MAKERS))}
    makers |= {function.qualname for function in (module.functions if module else ()) if function.mentions(_KEY)}
    return tuple(Place(path, qualname) for qualname in sorted(makers))


def mismatches(project: Project, place: Place) -> Iterator[Mismatch]:
    """The engines of a function whose driver is of the wrong kind."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return
    for call in function.call_nodes:
        name = getattr(call.func, "last", "")
        word = _maker(project, place, call) if name in _MAKERS or isinstance(call.func, tree.Path) else ""
        if not word or any(each.name in (None, "creator", "async_creator", "module") for each in call.keywords):
            continue
        found = (
            _ini(project, place) if word.endswith("from_config") else _written(project, place, call.argument(0, "url"))
        )
        if found is not None:
            yield from _compared(project, place, word, found, Location(place.path, call.at))
    if function.mentions(_KEY) and project[_has_extension]:
        for value in _configured(function.body):
            found = _written(project, place, value)
            if found is not None:
                yield from _compared(project, place, _KEY, found, Location(place.path, value.at))


def _has_extension(project: Project) -> bool:
    """Whether Flask-SQLAlchemy reads the key; others call a setting the same."""
    return any(project[_imports_extension, path] for path in project.paths if not is_aside(path))


def _imports_extension(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.startswith("flask_sqlalchemy") for each in module.imports)


def _maker(project: Project, place: Place, call: tree.Call) -> str:
    if getattr(call.func, "last", "") not in _MAKERS:
        module = project.module(place.path)
        text = getattr(call.func, "text", "")
        if module is None or not any(each.alias == text and each.name in _MAKERS for each in module.imports):
            return ""
    try:
        answer = evaluate(project, place, call.func)
    except CyclicFact:
        return ""
    if not isinstance(answer, Symbol) or answer.kind != "external" or answer.name.partition(".")[0] not in PACKAGES:
        return ""
    return answer.last if answer.last in _MAKERS else ""


def _written(project: Project, place: Place, node: Node | None) -> Url | None:
    return url(project, Term(node, place.path, place.qualname)) if node is not None else None


def _configured(body: tuple[Node, ...]) -> Iterator[Node]:
    """The values given to the key that Flask-SQLAlchemy reads: as an item, an attribute or an argument."""
    for node in tree.walk(*body):
        if isinstance(node, tree.Assign) and node.value is not None:
            for target in node.targets:
                index = target.index if isinstance(target, tree.Subscript) else None
                if getattr(target, "last", "") == _KEY or (isinstance(index, tree.Constant) and index.value == _KEY):
                    yield node.value
        elif isinstance(node, tree.Call):
            yield from (each.value for each in node.keywords if each.name == _KEY)


def _ini(project: Project, place: Place) -> Url | None:
    """The URL of the one `alembic.ini`, when the environment beside it does not set another."""
    module = project.module(place.path)
    paths = project.files("**/alembic.ini")
    if module is None or len(paths) != 1 or not place.path.endswith("env.py"):
        return None
    if any(function.mentions("sqlalchemy.url") or function.mentions("url") for function in module.functions):
        return None
    text = project.text(paths[0]) or ""
    match = _INI.search(text)
    line = text.count("\n", 0, match.start(1)) + 1 if match is not None else 0
    return Url(match[1], match[2] or "", Location(paths[0], (line, 0, line, 0))) if match is not None else None


def _compared(project: Project, place: Place, maker: str, found: Url, made: Location) -> Iterator[Mismatch]:
    driver = found.driver.lower() or _default_driver(project, found.dialect)
    is_async = _MAKERS.get(maker, False)
    if is_async and driver in _SYNC:
        yield Mismatch(maker, True, found, driver, made, place.qualname)
    elif not is_async and driver in _ASYNC and not _is_wrapped(project, place.path):
        yield Mismatch(maker, False, found, driver, made, place.qualname)


def _default_driver(project: Project, dialect: str) -> str:
    """The driver of a URL that names none; since SQLAlchemy 2.1 PostgreSQL has psycopg, which is of both kinds."""
    if dialect == "postgresql":
        installed = {"psycopg", "psycopg-binary", "psycopg-c"} & set(project[statements])
        return "psycopg2" if not installed or project[satisfied, (("sqlalchemy", "<2.1"),)] else "psycopg"
    return _DEFAULTS.get(dialect, "")


def _is_wrapped(project: Project, path: str) -> bool:
    """Whether the file makes asynchronous engines of synchronous ones: `AsyncEngine(create_engine(...))`."""
    return project.module(path) is None or "AsyncEngine" in project[callers_by_name, path]
