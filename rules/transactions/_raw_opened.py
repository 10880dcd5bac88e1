"""Connections of database drivers that wait for a commit: what opens a new one, and what gives it."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.constants import fold
from cdlint.project.values import Scope, evaluate

from ._commits import last_of

DRIVERS = {
    "sqlite3": True, "aiosqlite": False, "psycopg2": True, "psycopg": True, "pymysql": False, "MySQLdb": False,
    "mysql.connector": False,
}  # fmt: skip
"""Driver -> whether leaving `with connection:` commits."""
_MAKING = {
    f"{driver}.{name}": driver
    for driver in DRIVERS
    for name in ("connect", "Connection.connect", "AsyncConnection.connect", "core.connect", "dbapi2.connect")
}
_KEEPING = frozenset({"append", "add", "setattr", "setdefault", "put", "set"})


class Provided(NamedTuple):
    """The driver of the new connection that a function gives; with `kept` others of the same request have it too."""

    driver: str
    kept: bool


def named_in(facts: Function) -> dict[str, list[Node]]:
    """The names to which a function gives something, dotted ones too, and all that they are given."""
    found: dict[str, list[Node]] = {}
    for node in facts.nodes:
        pairs: tuple[tuple[Node | None, Node | None], ...] = ()
        if isinstance(node, tree.Assign):
            pairs = tuple((node.value, target) for target in node.targets)
        elif isinstance(node, tree.With):
            pairs = node.items
        for value, target in pairs:
            if isinstance(target, tree.Path) and value is not None and not _is_none(value):
                found.setdefault(target.text, []).append(value)
    return found


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def is_closing(context: Node) -> bool:
    """Whether a `with` of this closes what is inside, and does nothing else."""
    return isinstance(context, tree.Call) and last_of(context) in ("closing", "aclosing")


def driver_of(project: Project, scope: Scope, value: Node | None) -> str:
    """The driver that an expression opens a new connection with, `""` when it does something else."""
    value = value.value if isinstance(value, tree.Await) else value
    if isinstance(value, tree.Call) and is_closing(value) and value.args:
        return driver_of(project, scope, value.args[0])
    if not isinstance(value, tree.Call) or last_of(value) != "connect":
        return ""
    answer = evaluate(project, scope, value.func)
    driver = _MAKING.get(answer.name, "") if isinstance(answer, Symbol) and answer.kind == "external" else ""
    return "" if driver and _is_passing(project, scope, value) else driver


def _is_passing(project: Project, scope: Scope, call: tree.Call) -> bool:
    """Whether a database is in memory and gone anyway."""
    given = call.argument(0, "database")
    path = fold(project, scope, given, infer=False) if given is not None else None
    return isinstance(path, str) and (":memory:" in path or "mode=memory" in path or not path)


def provided(project: Project, function: Symbol) -> Provided | None:
    """The new connection that a function gives, None when it may give something else or one for everybody."""
    facts = function_facts(project, function)
    if facts is None or facts.outer or any(last_of(each) in ("cache", "lru_cache") for each in facts.decorators):
        return None
    scope = (function.path, function.name)
    named = named_in(facts)
    drivers = {name: found for name, values in named.items() if (found := _of_name(project, scope, name, values))}
    for name, values in named.items():
        again = next((drivers[each.text] for each in values if getattr(each, "text", "") in drivers), "")
        if again:
            drivers.setdefault(name, again)
    gives = {
        drivers.get(node.value.text, "") if isinstance(node.value, tree.Path) else driver_of(project, scope, node.value)
        for node in facts.nodes
        if isinstance(node, (tree.Return, tree.Yield)) and node.value is not None and not _is_none(node.value)
    }
    driver = gives.pop() if len(gives) == 1 else ""
    if not driver or (facts.is_generator and DRIVERS[driver] and _is_left(facts)):
        return None
    kept = [name for name in drivers if "." in name]
    if any(_owner(project, scope, name) != "flask.g" for name in kept) or _is_put_away(facts, frozenset(drivers)):
        return None
    return Provided(driver, bool(kept))


def _of_name(project: Project, scope: Scope, name: str, values: list[Node]) -> str:
    """The driver of what a name is given, unless it is given something made of itself as well."""
    found = next((driver for each in values if (driver := driver_of(project, scope, each))), "")
    again = any(getattr(each, "text", "") == name for value in values for each in tree.walk(value))
    return "" if again else found


def _is_left(facts: Function) -> bool:
    """Whether a generator may commit at the end of a block around its `yield`."""
    return any(
        isinstance(node, tree.With) and not all(is_closing(context) for context, _ in node.items)
        for node in facts.nodes
    )


def _owner(project: Project, scope: Scope, name: str) -> str:
    answer = evaluate(project, scope, tree.Path(name.partition(".")[0], (0, 0, 0, 0)))
    return answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""


def _is_put_away(facts: Function, names: frozenset[str]) -> bool:
    """Whether a function gives a connection to something else than who asks, as an item or to keep."""
    for node in facts.nodes:
        given: tuple[Node | None, ...] = ()
        if isinstance(node, tree.Assign) and any(isinstance(each, tree.Subscript) for each in node.targets):
            given = (node.value, *node.targets)
        elif isinstance(node, tree.Call) and last_of(node) in _KEEPING:
            given = node.args
        if any(getattr(each, "text", "") in names for each in given):
            return True
    return False
