"""Whether callers give a parameter something else than its annotation promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import calls_of
from cdlint.project.classes import ancestry, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate


class Given(NamedTuple):
    """What a call gives a parameter, and the caller's own `parameter` that it hands on there."""

    caller: Symbol
    parameter: str
    answer: Answer


def is_broken(project: Project, key: tuple[Symbol, str, Symbol]) -> bool:
    """Whether some call of a function gives a parameter an object that is surely none of the promised class."""
    function, name, promised = key
    return any(_is_another(project, each.answer, promised) for each in _given(project, function, name))


def is_kept(project: Project, key: tuple[Symbol, str, Symbol]) -> bool:
    """Whether every call of a function is known to give a parameter an object of the promised class.

    What a caller hands on of its own parameters is what its callers give these.
    """
    function, name, promised = key
    waiting, seen = [(function, name)], {(function, name)}
    while waiting:
        for each in _given(project, *waiting.pop()):
            if not isinstance(each.answer, Symbol) or _is_another(project, each.answer, promised):
                return False
            if each.parameter and (each.caller, each.parameter) not in seen:
                seen.add((each.caller, each.parameter))
                waiting.append((each.caller, each.parameter))
    return True


def _given(project: Project, function: Symbol, name: str) -> Iterator[Given]:
    """What the calls of a function give a parameter."""
    facts = function_facts(project, function)
    params = facts.params[1 if facts.owner else 0 :] if facts is not None else ()
    place = next((place for place, each in enumerate(params) if each.name == name), None)
    if facts is None or place is None:
        return
    for path in project.paths:
        for caller, call in calls_of(project, path, frozenset({facts.name})) if not is_aside(path) else ():
            given = call.argument(place, name)
            scope = (path, caller.qualname)
            if given is not None and evaluate(project, scope, call.func) == function:
                own = any(each.name == getattr(given, "text", "") for each in caller.params)
                handed_on = getattr(given, "text", "") if own else ""
                yield Given(Symbol("function", *scope), handed_on, evaluate(project, scope, given))


def _is_another(project: Project, given: Answer, promised: Symbol) -> bool:
    if not isinstance(given, Symbol) or given.kind not in ("external", "instance"):
        return False
    if given.kind == "external":
        return given.name.endswith("()")
    return Symbol("class", promised.path, promised.name) not in _above(project, given)


def _above(project: Project, given: Symbol) -> tuple[Symbol, ...]:
    return project[ancestry, Symbol("class", given.path, given.name)].first_party
