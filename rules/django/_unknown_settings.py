"""Settings that decide what belongs to the program and that are computed, and why they are not known."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.stack import UnknownPart, unknown_parts
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.modules import find_module
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._routes import root_urlconfs
from ._settings import app_list, aside, named_settings, root_urlconf, running
from ._templates import django_lookups


@provides(unknown_parts)
def unknown_settings(project: Project) -> tuple[UnknownPart, ...]:
    """The settings modules that nobody can tell, and what is not known of those that run the project."""
    found = list(_unnamed(project))
    roots = [root.settings for root in project[root_urlconfs] if root.settings and root.certain]
    modules = dict.fromkeys((*(each.path for each in project[running].modules), *roots))
    for path in modules:
        apps, urls = project[app_list, path].why, project[root_urlconf, path].why
        for name, why in (("INSTALLED_APPS", apps), ("ROOT_URLCONF", urls)):
            if why:
                found.append(UnknownPart(_place(project, path, name), f"`{name}`", why))
    doubts = [each.unknown for each in project[django_lookups] if each.unknown]
    if modules and doubts and doubts[0] not in [each.why for each in found]:
        place = _place(project, next(iter(modules)), "TEMPLATES")
        found.append(UnknownPart(place, "the folders of the templates", doubts[0]))
    return tuple(found)


def _unnamed(project: Project) -> Iterator[UnknownPart]:
    """Starting points that name settings which cannot be followed."""
    for path in project.paths:
        for node in project[named_settings, path] if not aside(path) else ():
            at = Location(path, node.at)
            if not isinstance(node.value, str):
                yield UnknownPart(at, "the settings module", "its name is computed")
            elif not isinstance(project[find_module, (path, node.value)], Symbol):
                yield UnknownPart(at, "the settings module", f"`{node.value}` is no module of the repository")


def _place(project: Project, path: str, name: str) -> Location:
    """Where a settings module gives a name, its first line when it does not."""
    found = project[lookup, (path, name)]
    where = found.path if isinstance(found, Symbol) else path
    module = project.module(where)
    places = [each.at for each in module.bindings if each.name == name] if module is not None else []
    return Location(where, places[0]) if places else Location(path, (1, 0, 1, 0))
