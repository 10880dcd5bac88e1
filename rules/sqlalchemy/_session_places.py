"""Where SQLAlchemy's engines, session factories and sessions are made, and where they are closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cdlint.backend.collected import provides
from cdlint.backend.sessions import Session, UnknownSession, sessions, unknown_sessions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown, external
from cdlint.project.calls import callers_by_name, calling
from cdlint.project.classes import ancestry, functions_of
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._passed_sessions import session_of
from ._session_values import uses_sqlalchemy
from ._sessions import ENGINES, FACTORIES, SESSIONS

_SCOPED = ("scoped_session()", "SQLAlchemy()", "SQLAlchemy().session")
_MAKERS = frozenset(
    {"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session", "async_scoped_session",
     "create_engine", "create_async_engine", "SQLAlchemy"}
)  # fmt: skip


@provides(sessions)
def sqlalchemy_sessions(project: Project) -> tuple[Session, ...]:
    """The places in code that serves."""
    if not project[uses_sqlalchemy]:
        return ()
    found = {each.at: each for each in _everywhere(project, _MAKERS)}
    held = [each for each in found.values() if each.kind in ("factory", "scoped") and each.name]
    factories = {each.name.rpartition(".")[2]: each for each in held}
    for each in _everywhere(project, frozenset(factories)):
        found.setdefault(each.at, each)
    return tuple(
        replace(each, expire_on_commit=_of_factory(each, factories)) if each.kind == "session" else each
        for each in found.values()
    )


def _of_factory(made: Session, factories: dict[str, Session]) -> bool | None:
    """What the factory that a session is made with says about expiring."""
    factory = factories.get(made.how.removesuffix("()").rpartition(".")[2])
    return factory.expire_on_commit if factory is not None else made.expire_on_commit


def _everywhere(project: Project, names: frozenset[str]) -> Iterator[Session]:
    """What calls of something with one of these names, or with `session` in its name, make."""
    for path in project.paths:
        if not is_aside(path):
            yield from project[_made_in, (path, names)]


def _made_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Session, ...]:
    path, names = key
    named = frozenset(each for each in project[callers_by_name, path] if _is_named(each, names))
    return tuple(
        each for function in calling(project, path, named) for each in _in_function(project, path, function, names)
    )


def _is_named(call: str, names: frozenset[str]) -> bool:
    last = call.rpartition(".")[2]
    lowered = last.lower()
    return last in names or "session" in lowered or "sqlalchemy" in lowered or lowered.endswith("factory")


def _in_function(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[Session]:
    held = _held(function)
    scope = (path, function.qualname)
    for call in function.call_nodes:
        if not _is_named(getattr(call.func, "text", ""), names):
            continue
        name, closed = held.get(call.at, ("", ""))
        value = _value(project, scope, call, name)
        if closed != "with" and _is_function(project, scope, call):
            continue
        kind = _kind(value.name) if isinstance(value, Symbol) and value.kind == "external" else ""
        if kind and isinstance(value, Symbol):
            if name and f"{name}.close" in function.calls:
                closed = "call"
            if kind == "session" and "scoped_session()" in value.name:
                kind = "scoped"
            is_async = "async" in value.name.lower()
            how = f"{getattr(call.func, 'text', '')}()"
            expire = None if kind == "engine" or value.name.endswith("()()") else _expires(project, scope, call)
            yield Session(kind, name, function.qualname, is_async, expire, closed, how, Location(path, call.at))


def _is_function(project: Project, scope: tuple[str, str], call: tree.Call) -> bool:
    """Whether a call only asks a function of the repository for a session: it is made there."""
    called = evaluate(project, scope, call.func)
    return isinstance(called, Symbol) and called.kind == "function"


def _value(project: Project, scope: tuple[str, str], call: tree.Call, held: str) -> Answer:
    """What a call makes, as something of SQLAlchemy where a class of the repository extends that."""
    value = evaluate(project, scope, call)
    if isinstance(value, Symbol) and value.kind == "instance":
        outside = (f"{each}()" for each in project[ancestry, Symbol("class", value.path, value.name)].external)
        return next((external(each) for each in outside if _kind(each)), value)
    if isinstance(value, Unknown) and held and not _is_asked(project, scope, call.func):
        found = project[session_of, (*scope, held)]
        return found if isinstance(found, Symbol) else value
    return value


def _is_asked(project: Project, scope: tuple[str, str], func: Node) -> bool:
    """Whether a method of something is called that the function got or found, which may give the session it has."""
    if isinstance(func, tree.Attribute):
        return True
    root, _, rest = getattr(func, "text", "").partition(".")
    function = project[functions_of, scope[0]].get(scope[1])
    return bool(rest) and root not in ("self", "cls") and function is not None and root in function.binds


@provides(unknown_sessions)
def unresolved_places(project: Project) -> tuple[UnknownSession, ...]:
    """What is called like something that makes a session and could not be resolved."""
    if not project[uses_sqlalchemy]:
        return ()
    return tuple(each for path in project.paths for each in project[_unresolved_in, path])


def _unresolved_in(project: Project, path: str) -> tuple[UnknownSession, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None and not is_aside(path) else ():
        if not any(_makes_by_name(call) for call in function.calls):
            continue
        held = _held(function)
        for call in function.call_nodes:
            text = getattr(call.func, "text", "")
            name = held.get(call.at, ("", ""))[0]
            if name and _makes_by_name(text):
                value = _value(project, (path, function.qualname), call, name)
                if isinstance(value, Unknown):
                    found.append(UnknownSession(Location(path, call.at), f"`{text}()`", value.why, True))
    return tuple(found)


def _makes_by_name(call: str) -> bool:
    last = call.rpartition(".")[2].lower().replace("_", "")
    return last.endswith(("sessionlocal", "sessionmaker", "sessionfactory", "dbsession", "newsession", "makesession"))


def _kind(value: str) -> str:
    if value in ENGINES and value.endswith("engine()"):
        return "engine"
    if value in FACTORIES:
        return "factory"
    if value.endswith(_SCOPED) and value.startswith(("sqlalchemy.", "flask_sqlalchemy.")):
        return "scoped"
    return "session" if value in SESSIONS and not value.endswith(".begin()") else ""


def _held(function: Function) -> dict[tree.At, tuple[str, str]]:
    """Place of a call -> the name that holds its value, and `with` when a block closes it."""
    found: dict[tree.At, tuple[str, str]] = {}
    for node in function.nodes:
        if isinstance(node, tree.Assign) and node.value is not None:
            _note(found, node.value, node.targets[0], "")
        elif isinstance(node, tree.With):
            for value, target in node.items:
                _note(found, value, target, "with")
    return found


def _note(found: dict[tree.At, tuple[str, str]], value: Node, target: Node | None, closed: str) -> None:
    value = value.value if isinstance(value, tree.Await) else value
    if isinstance(value, tree.Call):
        found[value.at] = (target.text if isinstance(target, tree.Path) else "", closed)


def _expires(project: Project, scope: tuple[str, str], call: tree.Call) -> bool | None:
    """The option `expire_on_commit`, by default True."""
    if any(keyword.name is None for keyword in call.keywords):
        return None
    value = call.keyword("expire_on_commit")
    options = call.keyword("session_options")
    if value is None and isinstance(options, tree.Mapping):
        given = {key.value: item for key, item in options.items if isinstance(key, tree.Constant)}
        value = given.get("expire_on_commit")
    if value is None:
        return True
    known = fold(project, scope, value)
    return None if isinstance(known, Unknown) else bool(known)
