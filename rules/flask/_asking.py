"""Which blueprints the views belong to that run a function or render a template: what `.name` is relative to."""

from __future__ import annotations

from cdlint.backend.templates import JINJA, find, lookups, renderings, template
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._endpoints import names
from ._templates import LOOKUP

_UNKNOWN = "?"


def asking(project: Project, key: tuple[str, str]) -> tuple[str, ...]:
    """The whole names of these blueprints, `""` the application's own, for `(file, function)`; none if not known."""
    path, scope = key
    if path.endswith(".py"):
        return project[_of_views].get(Symbol("function", path, scope), ()) or _of_method(project, path, scope)
    found = project[_of_templates].get(path, frozenset())
    return () if _UNKNOWN in found else tuple(sorted(found))


def _of_views(project: Project) -> dict[Symbol, tuple[str, ...]]:
    """View -> the blueprints that it is registered on."""
    found: dict[Symbol, set[str]] = {}
    for each in project[names].endpoints:
        if each.registered.handler is not None:
            found.setdefault(each.registered.handler, set()).add(each.name.rpartition(".")[0])
    unseen = project[names].loose
    return {} if unseen else {view: tuple(sorted(owners)) for view, owners in found.items()}


def _of_method(project: Project, path: str, scope: str) -> tuple[str, ...]:
    return project[_of_views].get(Symbol("class", path, scope.rpartition(".")[0]), ())


def _of_templates(project: Project) -> dict[str, frozenset[str]]:
    """Template -> the blueprints whose views render it, by itself or as a part of another one."""
    lookup = next((each for each in project[lookups] if each.key == LOOKUP), None)
    if lookup is None:
        return {}
    found: dict[str, set[str]] = {}
    for each in project[renderings]:
        if each.lookup != LOOKUP:
            continue
        owners = project[asking, (each.at.path, each.scope[1])] if each.at.path.endswith(".py") else ()
        files = [file for name in each.names for file in find(project, lookup, name)]
        for file in files:
            found.setdefault(file, set()).update(owners or {_UNKNOWN})
        if not files:
            return {}
    waiting = list(found)
    while waiting:
        file = waiting.pop()
        for reference in project[template, (file, JINJA)].references:
            for name in reference.names:
                for inner in find(project, lookup, name):
                    before = found.setdefault(inner, set())
                    if not found[file] <= before:
                        before |= found[file]
                        waiting.append(inner)
    return {file: frozenset(owners) for file, owners in found.items()}
