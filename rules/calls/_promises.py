"""Whether callers give a parameter something else than its annotation promises."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of
from cdlint.project.classes import ancestry, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate


def is_broken(project: Project, key: tuple[Symbol, str, Symbol]) -> bool:
    """Whether some call of a function gives a parameter an object that is surely none of the promised class."""
    function, name, promised = key
    facts = function_facts(project, function)
    params = facts.params[1 if facts.owner else 0 :] if facts is not None else ()
    place = next((place for place, each in enumerate(params) if each.name == name), None)
    if facts is None or place is None:
        return False
    for path in project.paths:
        for caller, call in calls_of(project, path, frozenset({facts.name})) if not is_aside(path) else ():
            given = call.argument(place, name)
            scope = (path, caller.qualname)
            if given is None or evaluate(project, scope, call.func) != function:
                continue
            if _is_another(project, evaluate(project, scope, given), promised):
                return True
    return False


def _is_another(project: Project, given: object, promised: Symbol) -> bool:
    if not isinstance(given, Symbol) or given.kind not in ("external", "instance"):
        return False
    if given.kind == "external":
        return given.name.endswith("()")
    return Symbol("class", promised.path, promised.name) not in _above(project, given)


def _above(project: Project, given: Symbol) -> tuple[Symbol, ...]:
    return project[ancestry, Symbol("class", given.path, given.name)].first_party
