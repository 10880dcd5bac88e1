"""What functions do with SQLAlchemy's sessions: writes, flushes, commits, rollbacks, and whose session it is."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.sessions import Dealing, Event, UnknownSession, dealings, unknown_sessions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._passed_sessions import LIKE, session_of
from ._session_values import uses_sqlalchemy

KINDS = {
    **dict.fromkeys(("add", "add_all", "delete", "merge", "bulk_save_objects", "bulk_insert_mappings",
                     "bulk_update_mappings"), "write"),
    "flush": "flush", "commit": "commit", "rollback": "rollback", "begin": "begin", "begin_nested": "savepoint",
    **dict.fromkeys(("close", "remove", "reset", "aclose", "close_all"), "close"),
    **dict.fromkeys(("execute", "exec", "scalar", "scalars", "get", "get_one", "query", "refresh", "stream",
                     "stream_scalars", "run_sync", "connection"), "read"),
}  # fmt: skip
"""Method of a session -> what it does."""
_TELLING = frozenset(KINDS) - {"get", "delete", "close", "reset", "remove", "exec", "stream", "begin", "connection"}
"""Of those, what hardly anything but a session has."""
_STATEMENTS = frozenset(
    f"{module}.{name}()"
    for module in (
        "sqlalchemy", "sqlalchemy.sql", "sqlalchemy.sql.expression", "sqlmodel", "sqlalchemy.dialects.postgresql",
        "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.mysql", "sqlalchemy.future",
    )
    for name in ("insert", "update", "delete")
)  # fmt: skip
_PACKAGES = ("sqlalchemy.", "sqlmodel.", "flask_sqlalchemy.")
_OF_TABLES = tuple(
    f"{table}.{name}()" for table in ("Table()", ".__table__") for name in ("insert", "update", "delete")
)
_TEXTS = frozenset({"sqlalchemy.text()", "sqlalchemy.sql.text()", "sqlalchemy.sql.expression.text()"})
_SQL = ("insert", "update", "delete", "replace", "merge")


@provides(dealings)
def sqlalchemy_dealings(project: Project) -> tuple[Dealing, ...]:
    """Those of code that serves, by file and place."""
    if not project[uses_sqlalchemy]:
        return ()
    return tuple(each for path in project.paths for each in project[_dealt_in, path][0])


@provides(unknown_sessions)
def sqlalchemy_unknown_sessions(project: Project) -> tuple[UnknownSession, ...]:
    """The names that are used as sessions and could not be resolved."""
    if not project[uses_sqlalchemy]:
        return ()
    return tuple(each for path in project.paths for each in project[_dealt_in, path][1])


def _dealt_in(project: Project, path: str) -> tuple[tuple[Dealing, ...], tuple[UnknownSession, ...]]:
    module = project.module(path)
    if module is None or is_aside(path):
        return (), ()
    found: list[Dealing] = []
    unknown: list[UnknownSession] = []
    for function in module.functions:
        for name in _receivers(function):
            answer = project[session_of, (path, function.qualname, name)]
            if isinstance(answer, Symbol):
                symbol = Symbol("function", path, function.qualname)
                events = tuple(_events(project, symbol, function, name))
                origin = "shared" if _is_scoped(answer.name) else _origin(project, path, function, name)
                found.append(Dealing(symbol, name, answer.name, origin, events))
            elif isinstance(answer, Unknown) and answer.why and _looks_like_one(function, name):
                unknown.append(UnknownSession(Location(path, function.at), f"`{name}`", answer.why))
    return tuple(found), tuple(unknown)


def _is_scoped(value: str) -> bool:
    """Whether a session is the one of the thread or request, whoever asks for it and through what."""
    return "scoped" in value or (value.startswith("flask_sqlalchemy.") and value.endswith(".session"))


def _receivers(function: Function) -> tuple[str, ...]:
    """What methods that a session has are called on, as far as it is a name."""
    found: dict[str, None] = {}
    for call in function.calls:
        owner, _, method = call.rpartition(".")
        if owner and method in KINDS and "?" not in owner and owner not in ("self", "cls"):
            found[owner] = None
    return tuple(found)


def _looks_like_one(function: Function, name: str) -> bool:
    return name.rpartition(".")[2].lower() in LIKE and any(f"{name}.{each}" in function.calls for each in _TELLING)


def _origin(project: Project, path: str, function: Function, name: str) -> str:
    root, _, rest = name.partition(".")
    scope = function.qualname
    if rest:
        imported = resolve_in(project, path, scope, root) if root in function.binds else None
        is_imported = isinstance(imported, Symbol) and imported.kind in ("variable", "module")
        return "attribute" if root in function.binds and not is_imported else "shared"
    if any(param.name == root for param in function.params):
        return "parameter"
    values = project[local_assignments, (path, scope)].get(root, ()) if root in function.binds else ()
    alias = values[0][0] if len(values) == 1 else None
    if isinstance(alias, tree.Path) and alias.text != name:
        return _origin(project, path, function, alias.text)
    if values:
        return "made"
    answer = resolve_in(project, path, "", root)
    return "shared" if isinstance(answer, Symbol) else "outer"


def _events(project: Project, symbol: Symbol, function: Function, session: str) -> Iterator[Event]:
    """What a function does with one session, in source order."""
    scope = (symbol.path, symbol.name)
    for call in function.call_nodes:
        event = _event(project, scope, call, session)
        if event is not None:
            yield event


def _event(project: Project, scope: tuple[str, str], call: tree.Call, session: str) -> Event | None:
    func = call.func
    if isinstance(func, tree.Path):
        owner, _, method = func.text.rpartition(".")
        if owner != session or method not in KINDS:
            return None
        kind = KINDS[method]
        if kind == "read" and call.args and writes(project, scope, call.args[0]):
            kind = "write"
        return Event(kind, call.at, f"{session}.{method}()")
    if isinstance(func, tree.Attribute) and func.last in ("delete", "update"):
        start = _start(func.value)
        if isinstance(start, tree.Path) and start.text == f"{session}.query":
            return Event("write", call.at, f"{session}.query().{func.last}()")
    return None


def _start(node: Node) -> Node:
    """What a chain of calls and attributes starts with."""
    while isinstance(node, (tree.Call, tree.Attribute)):
        node = node.func if isinstance(node, tree.Call) else node.value
    return node


def writes(project: Project, scope: tuple[str, str], statement: Node) -> bool:
    """Whether a statement that is executed certainly changes rows."""
    value = statement
    if isinstance(value, tree.Path) and "." not in value.text:
        values = project[local_assignments, scope].get(value.text, ())
        first = next((each for each, _ in values if isinstance(each, tree.Call)), None)
        value = first if first is not None else value
    if not isinstance(value, tree.Call):
        return False
    start = value
    while isinstance(start, (tree.Call, tree.Attribute)):
        inner = start.func if isinstance(start, tree.Call) else start.value
        if isinstance(inner, tree.Path):
            break
        start = inner
    answer = evaluate(project, scope, start)
    name = answer.name if isinstance(answer, Symbol) else ""
    if name in _TEXTS and isinstance(start, tree.Call) and start.args and isinstance(start.args[0], tree.Constant):
        return str(start.args[0].value).lstrip().lower().startswith(_SQL)
    return name in _STATEMENTS or (name.startswith(_PACKAGES) and name.endswith(_OF_TABLES))


def deals_with_sessions(project: Project, cls: Symbol) -> bool:
    """Whether methods of a class deal with a session, or with something that is named like one."""
    module = project.module(cls.path)
    prefix = f"{cls.name}."
    names = {
        owner.rpartition(".")[2].lower()
        for function in (module.functions if module else ())
        if function.qualname.startswith(prefix)
        for owner in _receivers(function)
    }
    return any("session" in name or name in ("db", "conn", "connection", "_conn") for name in names)
