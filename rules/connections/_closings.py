"""Connections and cursors that are closed by a call, and cursors that end with their connection or their own block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import function_facts
from cdlint.project.values import Scope, evaluate

_CONNECTIONS = {
    "sqlite3.connect()": "sqlite3", "sqlite3.Connection()": "sqlite3", "sqlite3.dbapi2.connect()": "sqlite3",
    "aiosqlite.connect()": "aiosqlite", "aiosqlite.core.connect()": "aiosqlite", "aiosqlite.Connection()": "aiosqlite",
    "aiosqlite.core.Connection()": "aiosqlite",
    "psycopg2.connect()": "psycopg2", "psycopg2.extensions.connection()": "psycopg2",
    "psycopg.connect()": "psycopg", "psycopg.Connection()": "psycopg", "psycopg.Connection.connect()": "psycopg",
    "psycopg.AsyncConnection()": "psycopg", "psycopg.AsyncConnection.connect()": "psycopg",
    "sqlalchemy.create_engine().connect()": "sqlalchemy", "sqlalchemy.Engine().connect()": "sqlalchemy",
    "sqlalchemy.engine.Engine().connect()": "sqlalchemy", "sqlalchemy.Connection()": "sqlalchemy",
    "sqlalchemy.engine.Connection()": "sqlalchemy",
    "sqlalchemy.ext.asyncio.create_async_engine().connect()": "sqlalchemy",
    "sqlalchemy.ext.asyncio.AsyncEngine().connect()": "sqlalchemy",
}  # fmt: skip
"""What a connection is written as, and the package that it is of."""
_CURSORS = {
    "sqlite3": ("cursor", "execute", "executemany"), "aiosqlite": ("cursor", "execute", "executemany"),
    "psycopg2": ("cursor",), "psycopg": ("cursor", "execute"),
}  # fmt: skip
_ENDING = frozenset({"sqlite3", "aiosqlite", "psycopg2"})
"""Where a cursor is of no use once its connection is closed, whatever it has fetched."""
_CLOSING = frozenset({"contextlib.closing", "contextlib.aclosing"})


class Held(NamedTuple):
    """A connection, or a cursor of the connection under the name `owner`."""

    package: str
    cursor: bool
    owner: str


def held(project: Project, scope: Scope, node: Node | None, depth: int = 3) -> Held | None:
    """What an expression gives, when it is a connection or a cursor for certain."""
    value = node.value if isinstance(node, tree.Await) else node
    if value is None or depth <= 0 or not isinstance(value, (tree.Call, tree.Path)):
        return None
    answer = evaluate(project, scope, value)
    if isinstance(answer, Symbol):
        if answer.name in _CONNECTIONS:
            return Held(_CONNECTIONS[answer.name], False, "")
        owner, _, verb = answer.name.rpartition(".")
        package = _CONNECTIONS.get(owner, "")
        is_cursor = package and verb.removesuffix("()") in _CURSORS.get(package, ()) and verb.endswith("()")
        return Held(package, True, _owner(project, scope, value)) if is_cursor else None
    return _through(project, scope, value, depth)


def _owner(project: Project, scope: Scope, node: Node) -> str:
    """The name of the connection that a cursor is made of."""
    if isinstance(node, tree.Path):
        values = project[local_assignments, scope].get(node.text, ())
        made = values[0][0] if len(values) == 1 else None
        node = made.value if isinstance(made, tree.Await) else made
    func = node.func if isinstance(node, tree.Call) else None
    return func.text.rpartition(".")[0] if isinstance(func, tree.Path) else ""


def _through(project: Project, scope: Scope, node: Node, depth: int) -> Held | None:
    """The same behind a local name, a method of such a value, or a function that does not say what it returns."""
    if isinstance(node, tree.Path):
        values = project[local_assignments, scope].get(node.text, ())
        return held(project, scope, values[0][0], depth - 1) if len(values) == 1 else None
    owner, _, verb = node.func.text.rpartition(".") if isinstance(node.func, tree.Path) else ("", "", "")
    if owner:
        above = held(project, scope, tree.Path(owner, node.at), depth - 1)
        if above is not None and not above.cursor and verb in _CURSORS.get(above.package, ()):
            return Held(above.package, True, owner)
    answer = evaluate(project, scope, node.func)
    facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
    if facts is None or not isinstance(answer, Symbol) or facts.is_generator or facts.decorator_codes:
        return None
    nodes = [each.value for each in facts.every(tree.Return)]
    found = held(project, (answer.path, answer.name), nodes[0], depth - 1) if len(nodes) == 1 else None
    return found if found is not None and not found.cursor else None


def closed_by_call(project: Project, scope: Scope, node: Node) -> Iterator[str]:
    """The local name that `connection.close()` closes, and what ends with it."""
    func = node.func if isinstance(node, tree.Call) and not node.args else None
    owner, _, verb = func.text.rpartition(".") if isinstance(func, tree.Path) else ("", "", "")
    if verb == "close" and owner and "." not in owner:
        found = held(project, scope, tree.Path(owner, node.at))
        if found is not None:
            yield owner
            yield from _of_connection(project, scope, owner, found)


def closed_by_block(project: Project, scope: Scope, context: Node, target: str) -> Iterator[str]:
    """The local names that are of no use after a `with` block."""
    value = context.value if isinstance(context, tree.Await) else context
    if isinstance(value, tree.Call):
        answer = evaluate(project, scope, value.func)
        if isinstance(answer, Symbol) and answer.name in _CLOSING and len(value.args) == 1:
            found = held(project, scope, value.args[0])
            inner = value.args[0].text if isinstance(value.args[0], tree.Path) else target
            if found is not None:
                yield from dict.fromkeys((target, inner))
                yield from _of_connection(project, scope, target, found)
                yield from _of_connection(project, scope, inner, found)
            return
    found = held(project, scope, context)
    if found is None:
        return
    if found.cursor and found.package != "sqlite3":
        yield target
    elif found.package == "aiosqlite":
        yield from _of_connection(project, scope, target, found)


def _of_connection(project: Project, scope: Scope, name: str, found: Held) -> Iterator[str]:
    """The cursors of a connection that end with it."""
    if found.cursor or found.package not in _ENDING:
        return
    for local, values in project[local_assignments, scope].items():
        value = values[0][0] if len(values) == 1 else None
        inner = value.value if isinstance(value, tree.Await) else value
        if not isinstance(inner, tree.Call) or not isinstance(inner.func, tree.Path):
            continue
        owner, _, verb = inner.func.text.rpartition(".")
        if owner == name and verb in _CURSORS[found.package]:
            yield local


def may_close(function: Function) -> bool:
    """Whether a function closes something, or has blocks that may, as far as names tell."""
    return any(call.endswith((".close", ".cursor", ".execute")) or call.rpartition(".")[2] in ("closing", "aclosing")
               for call in function.calls)  # fmt: skip
