"""Where SQLAlchemy's engines, session factories and sessions are made, and where they are closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cdlint.backend.collected import provides
from cdlint.backend.sessions import Session, sessions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._sessions import ENGINES, FACTORIES, SESSIONS

_SCOPED = ("scoped_session()", "SQLAlchemy()", "SQLAlchemy().session")
_MAKERS = frozenset(
    {"Session", "AsyncSession", "sessionmaker", "async_sessionmaker", "scoped_session", "async_scoped_session",
     "create_engine", "create_async_engine", "SQLAlchemy"}
)  # fmt: skip


@provides(sessions)
def sqlalchemy_sessions(project: Project) -> tuple[Session, ...]:
    """The places in code that serves."""
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
        module = project.module(path)
        for function in module.functions if module and not is_aside(path) else ():
            if any(_is_named(call, names) for call in function.calls):
                yield from _in_function(project, path, function, names)


def _is_named(call: str, names: frozenset[str]) -> bool:
    last = call.rpartition(".")[2]
    return last in names or "session" in last.lower()


def _in_function(project: Project, path: str, function: Function, names: frozenset[str]) -> Iterator[Session]:
    held = _held(function)
    scope = (path, function.qualname)
    for call in tree.calls(*function.body):
        if not _is_named(getattr(call.func, "text", ""), names):
            continue
        value = evaluate(project, scope, call)
        kind = _kind(value.name) if isinstance(value, Symbol) and value.kind == "external" else ""
        if kind and isinstance(value, Symbol):
            name, closed = held.get(call.at, ("", ""))
            if name and f"{name}.close" in function.calls:
                closed = "call"
            is_async = "async" in value.name.lower()
            how = f"{getattr(call.func, 'text', '')}()"
            expire = None if kind == "engine" or value.name.endswith("()()") else _expires(project, scope, call)
            yield Session(kind, name, function.qualname, is_async, expire, closed, how, Location(path, call.at))


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
    for node in tree.walk(*function.body):
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
