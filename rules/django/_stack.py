"""The databases that Django's settings name: the `ENGINE`s of `DATABASES`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.stack import Database, UnknownDatabase, databases, unknown_databases
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Unknown
from cdlint.project.constants import fold
from cdlint.rule import Location

from ._settings import aside

_ENGINE = re.compile(r"(?:[\w.]+\.)?(?:backends|engine)\.(\w+)|(mssql|sql_server\.pyodbc|psqlextra\.backend)")
_NAMES = {
    "postgresql": "postgresql", "postgresql_psycopg2": "postgresql", "postgis": "postgresql", "mysql": "mysql",
    "sqlite3": "sqlite", "spatialite": "sqlite", "oracle": "oracle", "mssql": "mssql",
    "sql_server.pyodbc": "mssql", "psqlextra.backend": "postgresql", "cockroachdb": "cockroachdb",
}  # fmt: skip


@provides(databases)
def configured_engines(project: Project) -> tuple[Database, ...]:
    """The engines that settings modules give, by constants or as defaults."""
    return tuple(each for each in _engines(project) if isinstance(each, Database))


@provides(unknown_databases)
def unknown_engines(project: Project) -> tuple[UnknownDatabase, ...]:
    """The engines that the environment decides without a default, or that are computed."""
    return tuple(each for each in _engines(project) if isinstance(each, UnknownDatabase))


def _engines(project: Project) -> Iterator[Database | UnknownDatabase]:
    for path in project.paths:
        if not aside(path):
            yield from project[_engines_in, path]


def _engines_in(project: Project, path: str) -> tuple[Database | UnknownDatabase, ...]:
    module = project.module(path)
    return tuple(
        each
        for function in (module.functions if module is not None else ())
        if function.mentions("ENGINE")
        for value in _values(function.body)
        for each in _engine(project, path, function.qualname, value)
    )


def _values(body: tuple[Node, ...]) -> Iterator[Node]:
    for node in tree.walk(*body):
        if isinstance(node, tree.Mapping):
            keys = {key.value for key, _ in node.items if isinstance(key, tree.Constant)}
            # Search engines have an ENGINE too, but neither of these.
            if {"NAME", "HOST", "USER"} & keys or keys == {"ENGINE"}:
                yield from (v for k, v in node.items if isinstance(k, tree.Constant) and k.value == "ENGINE")
        elif isinstance(node, tree.Assign) and isinstance(node.targets[0], tree.Subscript):
            index = node.targets[0].index
            if isinstance(index, tree.Constant) and index.value == "ENGINE" and node.value is not None:
                yield node.value


def _engine(project: Project, path: str, scope: str, value: Node) -> Iterator[Database | UnknownDatabase]:
    at = Location(path, value.at)
    known = False
    for node in tree.walk(value):
        name = _name(node.value) if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""
        if name:
            known = True
            yield Database(name, "", node is not value, Location(path, node.at))
    if known:
        return
    folded = fold(project, (path, scope), value)
    name = _name(folded) if isinstance(folded, str) else ""
    if name:
        yield Database(name, "", False, at)
    elif not isinstance(folded, str) or "backend" in folded:
        why = folded.why if isinstance(folded, Unknown) else f"`{folded}` is no engine that is known"
        yield UnknownDatabase(at, "the engine of a database", why)


def _name(engine: str) -> str:
    match = _ENGINE.fullmatch(engine)
    return _NAMES.get(match[1] or match[2], "") if match else ""
