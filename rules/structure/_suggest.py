"""Where a name is defined, and which known name a misspelled one was meant to be."""

from __future__ import annotations

from collections.abc import Iterable

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.modules import module_name
from cdlint.project.names import lookup, namespace
from cdlint.rule import Location

_SIMILAR = 0.72
_MANY = 300
"""From so many names on only those are compared that begin alike and are about as long."""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, `""` when none is."""
    from difflib import get_close_matches

    candidates = sorted({each for each in known if each != name})
    if len(candidates) > _MANY:
        candidates = [each for each in candidates if each[:1] == name[:1] and abs(len(each) - len(name)) < 3]
    found = get_close_matches(name, candidates, n=1, cutoff=_SIMILAR)
    return found[0] if found else ""


def public_names(project: Project, path: str) -> tuple[str, ...]:
    """The names that a module binds itself."""
    space = project[namespace, path] if path.endswith(".py") else None
    return tuple(sorted(space.names)) if space is not None else ()


def definition(project: Project, path: str, name: str) -> Location | None:
    """Where the thing is defined that a module knows by a name."""
    found = project[lookup, (path, name)]
    if not isinstance(found, Symbol) or found.kind == "external":
        return None
    module = project.module(found.path)
    if module is None:
        return None
    if found.kind == "module":
        return Location(found.path, (1, 0, 1, 0))
    for definitions in (module.functions, module.classes):
        for each in definitions:
            if each.qualname == found.name:
                return Location(found.path, each.at)
    places = [binding.at for binding in module.bindings if binding.name == found.name]
    return Location(found.path, places[0]) if places else None


def definers(project: Project, name: str) -> tuple[str, ...]:
    """The modules that define a function, class or variable of this name on their top level, by dotted name."""
    return project[_definitions].get(name, ())


def _definitions(project: Project) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for path in project.paths:
        space = project[namespace, path]
        for name, bound in space.names.items() if space is not None else ():
            if bound.kind in ("function", "class", "assign"):
                found.setdefault(name, set()).add(module_name(project, path))
    return {name: tuple(sorted(modules)) for name, modules in found.items()}
