"""Connections of database drivers that wait for a commit, and the functions that hold one of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._commits import may_commit
from ._roots import given_by, handlers

_DRIVERS = {
    "sqlite3": True, "aiosqlite": False, "psycopg2": True, "psycopg": True, "pymysql": False, "MySQLdb": False,
    "mysql.connector": False,
}  # fmt: skip
"""Driver -> whether leaving `with connection:` commits."""
_MAKING = {
    f"{driver}.{name}": driver
    for driver in _DRIVERS
    for name in ("connect", "Connection.connect", "AsyncConnection.connect", "core.connect", "dbapi2.connect")
}
_SWITCHES = ("isolation_level", "autocommit", "set_session", "IMMEDIATE", "BEGIN", "COMMIT")
_TEARDOWNS = frozenset({"teardown_appcontext", "teardown_request", "after_request", "after_app_request", "middleware"})


class Held(NamedTuple):
    """A connection that a function has for itself. `leaving` says whether a `with` of it commits.

    `provider` gave it; `lasting` is True when others of the same request may have it as well.
    """

    name: str
    leaving: bool
    provider: Symbol | None
    lasting: bool


def uses_drivers(project: Project) -> bool:
    """Whether code that serves imports such a driver, and nothing in it changes when its connections commit."""
    return any(project[_imports_driver, path] for path in project.paths) and not any(
        project[_switches, path] for path in project.paths
    )


def _imports_driver(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and not is_aside(path) and any(each.module in _DRIVERS for each in module.imports)


def _switches(project: Project, path: str) -> bool:
    """Whether a file sets how connections commit, or commits for all requests."""
    module = project.module(path) if not is_aside(path) else None
    return any(
        any(map(function.mentions, _SWITCHES))
        or (
            any(call.endswith(".commit") for call in function.calls)
            and any(getattr(_called(each), "last", "") in _TEARDOWNS for each in function.decorators)
        )
        for function in (module.functions if module is not None else ())
    )


def _called(node: Node) -> Node:
    return node.func if isinstance(node, tree.Call) else node


def holders(project: Project) -> tuple[Symbol, ...]:
    """The functions that may hold a connection of their own and write with it."""
    if not project[uses_drivers]:
        return ()
    names = project[_providing]
    return tuple(symbol for path in project.paths for symbol in project[_holders_in, (path, names)])


def _holders_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Symbol, ...]:
    path, names = key
    module = project.module(path)
    if module is None or is_aside(path) or {"execute", "executemany"}.isdisjoint(project[called_names, path]):
        return ()
    return tuple(
        Symbol("function", path, each.qualname)
        for each in module.functions[1:]
        if not each.is_generator
        and (
            any(call[call.rfind(".") + 1 :] in names for call in each.calls)
            or any(param.default_code is not None or param.annotation_code is not None for param in each.params)
        )
    )


def _providing(project: Project) -> frozenset[str]:
    """The names of `connect` and of the functions that call it."""
    found = {"connect"}
    for path in project.paths:
        module = project.module(path) if not is_aside(path) else None
        for function in module.functions[1:] if module is not None else ():
            if any(call == "connect" or call.endswith(".connect") for call in function.calls):
                found.add(function.name)
    return frozenset(found)


def held_in(project: Project, function: Symbol) -> tuple[Held, ...]:
    """The connections that a function opens itself, or is given for itself."""
    facts = function_facts(project, function)
    return tuple(_held(project, function, facts)) if facts is not None else ()


def _held(project: Project, function: Symbol, facts: Function) -> Iterator[Held]:
    scope = (function.path, function.name)
    for node in tree.walk(*facts.body):
        if isinstance(node, tree.Assign) and len(node.targets) == 1 and node.value is not None:
            pairs: tuple[tuple[Node, Node | None], ...] = ((node.value, node.targets[0]),)
        elif isinstance(node, tree.With):
            pairs = node.items
        else:
            continue
        for value, target in pairs:
            if isinstance(target, tree.Path) and "." not in target.text and target.text not in facts.outer:
                found = _opened(project, scope, value, target.text)
                if found is not None:
                    yield found
    if function in project[handlers]:
        for name, provider in given_by(project, function).items():
            made = _made_by(project, provider)
            if made is not None and not project[may_commit, provider]:
                yield Held(name, _DRIVERS[made], provider, True)


def _opened(project: Project, scope: Scope, value: Node, name: str) -> Held | None:
    value = value.value if isinstance(value, tree.Await) else value
    if not isinstance(value, tree.Call):
        return None
    if getattr(value.func, "last", "") == "closing" and value.args:
        inner = _opened(project, scope, value.args[0], name)
        return inner._replace(leaving=False) if inner is not None else None
    answer = evaluate(project, scope, value.func)
    if not isinstance(answer, Symbol):
        return None
    driver = _MAKING.get(answer.name) if answer.kind == "external" else None
    if driver is not None:
        return None if _is_passing(value) else Held(name, _DRIVERS[driver], None, False)
    made = _made_by(project, answer) if answer.kind == "function" else None
    if made is None or project[may_commit, answer]:
        return None
    facts = function_facts(project, answer)
    return Held(name, _DRIVERS[made], answer, facts is not None and _is_kept(facts))


def _is_passing(call: tree.Call) -> bool:
    """Whether a database is in memory and gone anyway."""
    given = call.argument(0, "database")
    return isinstance(given, tree.Constant) and isinstance(given.value, str) and "memory" in given.value


def _made_by(project: Project, function: Symbol) -> str | None:
    """The driver whose new connection a function gives, None when it gives something else or one for everybody."""
    facts = function_facts(project, function)
    if (
        facts is None
        or facts.outer
        or any(getattr(_called(each), "last", "") in ("cache", "lru_cache") for each in facts.decorators)
    ):
        return None
    scope = (function.path, function.name)
    drivers = {
        _MAKING[answer.name]
        for call in tree.calls(*facts.body)
        if getattr(call.func, "last", "") == "connect"
        and isinstance(answer := evaluate(project, scope, call.func), Symbol)
        and answer.name in _MAKING
        and not _is_passing(call)
    }
    gives = any(
        isinstance(node, (tree.Return, tree.Yield)) and node.value is not None for node in tree.walk(*facts.body)
    )
    within = facts.is_generator and any(isinstance(node, tree.With) for node in tree.walk(*facts.body))
    if len(drivers) != 1 or not gives or any(call.endswith(".cursor") for call in facts.calls):
        return None
    driver = drivers.pop()
    return None if within and _DRIVERS[driver] else driver


def _is_kept(facts: Function) -> bool:
    """Whether a function keeps what it opens somewhere, for whoever asks next."""
    return any(
        isinstance(node, tree.Assign) and any("." in getattr(each, "text", "") for each in node.targets)
        for node in tree.walk(*facts.body)
    )
