"""Which parameters without annotations are sessions, because callers pass one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.sessions import session_at
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown, external
from cdlint.project.assignments import self_assignments
from cdlint.project.calls import calling, sites_in, target, words
from cdlint.project.classes import ancestry, functions_of
from cdlint.project.places import is_aside

from ._session_values import session_value, uses_sqlalchemy

LIKE = frozenset(
    {
        "db", "session", "dbsession", "db_session", "database_session", "async_session", "asession", "sess",
        "_session", "_db", "s", "db_sess", "sql_session", "database",
    }
)  # fmt: skip
"""What people call a session."""
_ROUNDS = 4
_Key = tuple[str, str, str]


class _Wanted(NamedTuple):
    """A parameter without annotation that is named like a session, at a position among the arguments."""

    function: Symbol
    name: str
    position: int


@provides(session_at)
def session_of(project: Project, key: _Key) -> Answer:
    """The session that a name of a function stands for, for `(path, function, name)`, callers considered."""
    answer = project[session_value, key]
    if isinstance(answer, Symbol):
        return answer
    path, qualname, name = key
    known = project[passed_sessions]
    if not known:
        return answer
    found = known.get(key) or _of_attribute(project, path, qualname, name, known)
    return external(found) if found else answer


def _of_attribute(project: Project, path: str, qualname: str, name: str, known: dict[_Key, str]) -> str | None:
    """`self.session` where the constructor keeps a parameter that callers give a session."""
    root, _, attribute = name.partition(".")
    function = project[functions_of, path].get(qualname)
    if not attribute or "." in attribute or function is None or not function.owner or not function.params:
        return None
    if function.params[0].name != root:
        return None
    for owner in project[ancestry, Symbol("class", path, function.owner)].first_party:
        values = [
            known.get((owner.path, method, value.text)) if isinstance(value, tree.Path) else None
            for method, value, _ in project[self_assignments, owner].get(attribute, ())
        ]
        if values:
            return values[0] if len(set(values)) == 1 else None
    return None


def passed_sessions(project: Project) -> dict[_Key, str]:
    """`(path, function, parameter)` -> the session that callers pass, where all that are seen pass the same kind."""
    if not project[uses_sqlalchemy]:
        return {}
    wanted: dict[str, list[_Wanted]] = {}
    for path in project.paths:
        for word, each in project[_wanted_in, path]:
            wanted.setdefault(word, []).append(each)
    if not wanted:
        return {}
    found: dict[_Key, set[str]] = {}
    places = tuple(_places(project, wanted))
    for _ in range(_ROUNDS):
        before = sum(map(len, found.values()))
        known = {key: values for key, values in found.items() if len(values) == 1}
        for path, function, calls in places:
            for key, value in _given(project, path, function, calls, wanted, known):
                found.setdefault(key, set()).add(value)
        if sum(map(len, found.values())) == before:
            break
    return {key: values.copy().pop() for key, values in found.items() if len(values) == 1}


def _wanted_in(project: Project, path: str) -> tuple[tuple[str, _Wanted], ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None and not is_aside(path) else ():
        for position, param in enumerate(function.params):
            if param.annotation_code is None and param.name.lower() in LIKE:
                word = function.owner.rpartition(".")[2] if function.name == "__init__" else function.name
                static = any("staticmethod" in words(code) for code in function.decorator_codes)
                position -= bool(function.owner) and not static
                if position >= 0:
                    found.append((word, _Wanted(Symbol("function", path, function.qualname), param.name, position)))
    return tuple(found)


def _places(
    project: Project, wanted: dict[str, list[_Wanted]]
) -> Iterator[tuple[str, Function, tuple[tree.Call, ...]]]:
    """The functions that call something of these names, with those calls."""
    names = frozenset(wanted)
    for path in project.paths:
        for function in calling(project, path, names) if not is_aside(path) else ():
            calls = tuple(each for each in function.call_nodes if getattr(each.func, "last", "") in names)
            yield path, function, calls


def _given(
    project: Project,
    path: str,
    function: Function,
    calls: tuple[tree.Call, ...],
    wanted: dict[str, list[_Wanted]],
    known: dict[_Key, set[str]],
) -> Iterator[tuple[_Key, str]]:
    for call in calls:
        for each in _called(project, path, function, call, wanted[call.func.last]):
            value = call.argument(each.position, each.name)
            if isinstance(value, tree.Path):
                key = (path, function.qualname, value.text)
                answer = project[session_value, key]
                if isinstance(answer, Symbol):
                    yield (each.function.path, each.function.name, each.name), answer.name
                elif key in known:
                    yield (each.function.path, each.function.name, each.name), next(iter(known[key]))
                else:
                    flat = {known_key: next(iter(values)) for known_key, values in known.items()}
                    kept = _of_attribute(project, path, function.qualname, value.text, flat)
                    if kept:
                        yield (each.function.path, each.function.name, each.name), kept


def _called(
    project: Project, path: str, function: Function, call: tree.Call, candidates: list[_Wanted]
) -> tuple[_Wanted, ...]:
    """Which of the candidates a call runs: the one that it means, or the only one when that is not known."""
    site = next(sites_in(project, (path, function.qualname), call))
    called = target(project, site.answer)
    if called is not None:
        return tuple(each for each in candidates if each.function == called)
    lonely = len(candidates) == 1 and isinstance(site.answer, Unknown)
    return tuple(candidates) if lonely else ()
