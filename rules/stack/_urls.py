"""The databases that URLs in the repository name: in calls, settings and their defaults, `alembic.ini`, `.env`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.stack import Database, UnknownDatabase, databases, unknown_databases
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

NAMES = {
    "postgresql": "postgresql", "postgres": "postgresql", "postgis": "postgresql", "psql": "postgresql",
    "mysql": "mysql", "mariadb": "mariadb", "sqlite": "sqlite", "sqlite3": "sqlite", "oracle": "oracle",
    "mssql": "mssql", "cockroachdb": "cockroachdb", "redshift": "redshift", "mongodb": "mongodb",
}  # fmt: skip
_URL = re.compile(r"(?i)(" + "|".join(NAMES) + r")(?:\+(\w+))?://")
_SCHEME = re.compile(r"(" + "|".join(NAMES) + r")(?:\+(\w+))?")
_ENGINES = frozenset(
    {
        "sqlalchemy.create_engine", "sqlalchemy.engine.create_engine", "sqlmodel.create_engine",
        "sqlalchemy.ext.asyncio.create_async_engine", "sqlalchemy.create_async_engine",
    }
)  # fmt: skip
_BUILDERS = frozenset({"build", "create", "URL"})
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_LINE = re.compile(
    r"^\s*(?:export\s+)?(sqlalchemy\.url|(?=\w*(?:DATABASE|DB|SQLALCHEMY|POSTGRES))\w+)\s*[=:]\s*[\"']?(.*)"
)


@provides(databases)
def written_urls(project: Project) -> tuple[Database, ...]:
    """Every database URL that is written in code that serves, or in a file of settings."""
    found: list[Database] = []
    for path in project.paths:
        if not is_aside(path):
            found.extend(project[_written_in, path])
    for pattern in ("**/alembic.ini", "**/.env", "**/.env.*", "**/*.env"):
        for path in project.files(pattern):
            if not is_aside(path):
                found.extend(_in_settings(path, project.text(path) or ""))
    return tuple(found)


def _written_in(project: Project, path: str) -> tuple[Database, ...]:
    module = project.module(path)
    return tuple(
        each
        for function in (module.functions if module is not None else ())
        if (function.mentions("://") or not _BUILDERS.isdisjoint(function.lasts))
        and any(function.mentions(name) for name in NAMES)
        for node in function.body
        for each in _in_code(path, node, bool(_is_read(node)))
    )


def _in_code(path: str, node: Node, default: bool) -> Iterator[Database]:
    """The URLs in a tree; `default` when a value around it is only taken if nothing else is given."""
    default = default or _is_read(node)
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        match = _URL.match(node.value)
        if match is not None:
            yield _database(match, default, Location(path, node.at))
        return
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") in _BUILDERS:
        scheme = node.keyword("scheme") or node.argument(0, "drivername")
        whole = isinstance(scheme, tree.Constant)
        first = scheme.parts[0] if isinstance(scheme, tree.FString) and scheme.parts else scheme
        text = first.value if isinstance(first, tree.Constant) and isinstance(first.value, str) else ""
        match = _SCHEME.fullmatch(text if whole else text.removesuffix("+"))
        if match is not None:
            yield _database(match, default, Location(path, node.at))
    for child in tree.children(node):
        yield from _in_code(path, child, default)


def _is_read(node: Node) -> bool:
    """Whether what a node holds gives way to the environment."""
    if isinstance(node, tree.Boolean):
        return node.op == "or"
    if not isinstance(node, tree.Call):
        return False
    name = getattr(node.func, "text", "")
    last = name.rpartition(".")[2]
    asked = node.args[0].value if node.args and isinstance(node.args[0], tree.Constant) else ""
    if last == "Env" or (isinstance(asked, str) and _VARIABLE.fullmatch(asked)):
        return True
    return last in ("getenv", "Field", "config", "db", "db_url", "env", "db_url_config") or (
        last in ("get", "str", "setdefault", "url") and re.search(r"(?i)env|conf", name) is not None
    )


def _database(match: re.Match[str], default: bool, at: Location) -> Database:
    return Database(NAMES[match[1].lower()], (match[2] or "").lower(), default, at)


def _in_settings(path: str, text: str) -> Iterator[Database]:
    for number, line in enumerate(text.splitlines(), start=1):
        named = _LINE.match(line)
        match = _URL.match(named[2]) if named else None
        if match is not None:
            default = not path.endswith(".ini")
            yield _database(match, default, Location(path, (number, 0, number, 0)))


@provides(databases)
def engine_urls(project: Project) -> tuple[Database, ...]:
    """The URLs that engines are made with, as far as their beginnings are constants."""
    return tuple(each for each in _engines(project) if isinstance(each, Database))


@provides(unknown_databases)
def unknown_urls(project: Project) -> tuple[UnknownDatabase, ...]:
    """The engines whose database could not be told from what they are made with."""
    return tuple(each for each in _engines(project) if isinstance(each, UnknownDatabase))


def _engines(project: Project) -> Iterator[Database | UnknownDatabase]:
    for path in project.paths:
        if not is_aside(path):
            yield from project[_engines_in, path]


def _engines_in(project: Project, path: str) -> tuple[Database | UnknownDatabase, ...]:
    module = project.module(path)
    return tuple(
        each
        for function in (module.functions if module is not None else ())
        if not {"create_engine", "create_async_engine"}.isdisjoint(function.lasts)
        for each in _of_function(project, path, function)
    )


def _of_function(project: Project, path: str, function: Function) -> Iterator[Database | UnknownDatabase]:
    scope = (path, function.qualname)
    for call in function.call_nodes:
        callee = evaluate(project, scope, call.func) if getattr(call.func, "last", "").startswith("create_") else None
        given = call.argument(0, "url")
        if not isinstance(callee, Symbol) or callee.name not in _ENGINES or given is None:
            continue
        value = fold(project, scope, _start(given), infer=False)
        match = _URL.match(value) if isinstance(value, str) else None
        at = Location(path, call.at)
        if match is not None:
            yield _database(match, False, at)
        else:
            why = value.why if isinstance(value, Unknown) else "it is no URL of a database that is known"
            yield UnknownDatabase(at, f"the database of `{getattr(call.func, 'last', '')}`", why)


def _start(node: Node) -> Node:
    """The part of an expression that holds the beginning of its text."""
    if isinstance(node, tree.FString) and node.parts:
        return _start(node.parts[0]) if _is_url(node.parts[0]) else node
    if isinstance(node, tree.Binary) and node.op in ("+", "%") and _is_url(node.terms[0]):
        return node.terms[0]
    return node


def _is_url(node: Node) -> bool:
    return isinstance(node, tree.Constant) and isinstance(node.value, str) and _URL.match(node.value) is not None
