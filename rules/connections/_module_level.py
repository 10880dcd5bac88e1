"""Sessions and connections that a module makes once for everybody."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.sessions import Dealing, dealings_of
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.names import lookup
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_SHARED = frozenset(
    f"{module}.{name}()"
    for module in ("sqlalchemy.ext.asyncio", "sqlalchemy.ext.asyncio.session", "sqlmodel.ext.asyncio.session")
    for name in ("AsyncSession", "async_sessionmaker()")
)


class Shared(NamedTuple):
    """A session on module level and two functions that wait on it."""

    name: str
    path: str
    at: At
    users: tuple[tuple[Symbol, At], ...]


def shared(project: Project) -> tuple[Shared, ...]:
    """The asynchronous sessions of modules that several coroutines, or one for all requests, use."""
    users: dict[tuple[str, str], list[tuple[Symbol, At]]] = {}
    for function, each in project[dealings_of].items():
        facts = function_facts(project, function)
        if facts is None or not facts.is_async or "lock" in repr(facts.calls).lower():
            continue
        for dealing in each:
            variable = _variable(project, function, dealing) if dealing.origin == "shared" else None
            if variable is not None and dealing.events:
                users.setdefault((variable.path, variable.name), []).append((function, dealing.events[0].at))
    found = []
    for path, name in sorted(users):
        at = _made_at(project, path, name)
        if at is not None and not is_aside(path):
            found.append(Shared(name, path, at, tuple(users[path, name][:3])))
    return tuple(found)


def _variable(project: Project, function: Symbol, dealing: Dealing) -> Symbol | None:
    """The module's variable that a session is."""
    if dealing.value not in _SHARED or "." in dealing.session:
        return None
    answer = project[lookup, (function.path, dealing.session)]
    return answer if isinstance(answer, Symbol) and answer.kind == "variable" else None


def _made_at(project: Project, path: str, name: str) -> At | None:
    """Where a module makes the session, when it does so once and always."""
    module = project.module(path)
    bindings = [each for each in module.bindings if each.name == name] if module is not None else []
    if len(bindings) != 1 or bindings[0].guard or not bindings[0].callee:
        return None
    value = evaluate(project, (path, ""), bindings[0].value)
    made = isinstance(value, Symbol) and value.name in _SHARED
    return bindings[0].at if made else None
