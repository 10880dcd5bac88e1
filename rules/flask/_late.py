"""What blueprints get after they were registered, which no longer reaches the application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.books import place
from cdlint.facts.model import Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.imports import Edge, edges
from cdlint.project.object_traces import traces
from cdlint.project.objects import Happening, Thing
from cdlint.rule import Location

from ._endpoints import own_names
from ._watch import BLUEPRINTS, ROUTES, WATCH
from ._wiring import wiring

_SETUP = ROUTES | {"add_url_rule", "before_request", "after_request", "teardown_request", "errorhandler",
                   "register_error_handler", "context_processor", "app_errorhandler", "before_app_request"}  # fmt: skip


class Late(NamedTuple):
    """A place where a blueprint gets more, or an import that brings it, behind where it is registered."""

    at: Location
    blueprint: str
    method: str
    registered: Location
    route: Location
    imported: bool


def late(project: Project) -> tuple[Late, ...]:
    """All of them, each once."""
    if not project[wiring]:
        return ()
    found: dict[Location, Late] = {}
    for each in (*_in_order(project), *_by_import(project)):
        found.setdefault(each.at, each)
    return tuple(found.values())


def _registers(happening: Happening) -> Thing | None:
    """The blueprint that a happening surely registers."""
    if happening.method != "register_blueprint" or happening.kind != "call" or not happening.certain:
        return None
    child = happening.argument(0, "blueprint")
    return child if isinstance(child, Thing) and child.cls in BLUEPRINTS else None


def _sets_up(happening: Happening) -> bool:
    return happening.method in _SETUP and (happening.kind == "decorate" or happening.method not in ROUTES)


def _name(project: Project, thing: Thing) -> str:
    return project[own_names].made.get(thing) or "?"


def _in_order(project: Project) -> Iterator[Late]:
    """What happens to a blueprint after its registration while one module or function runs."""
    for trace in project[traces, WATCH]:
        registered: dict[Thing, Location] = {}
        for happening in trace.happenings:
            child = _registers(happening)
            if child is not None:
                registered.setdefault(child, place(happening))
            thing = happening.receiver
            if isinstance(thing, Thing) and thing in registered and _sets_up(happening) and happening.certain:
                at = place(happening)
                yield Late(at, _name(project, thing), happening.method, registered[thing], at, False)


def _by_import(project: Project) -> Iterator[Late]:
    """Modules that add to a blueprint on import and are imported only behind its registration."""
    registrations: dict[Thing, list[Location]] = {}
    routes: dict[tuple[Thing, str], Location] = {}
    for trace in project[traces, WATCH]:
        for happening in trace.happenings:
            child, thing = _registers(happening), happening.receiver
            if child is not None:
                registrations.setdefault(child, []).append(place(happening))
            if not isinstance(thing, Thing) or thing.cls not in BLUEPRINTS or thing.context:
                continue
            elsewhere = not trace.function and happening.path == trace.path != thing.path
            if elsewhere and _sets_up(happening):
                routes.setdefault((thing, trace.path), place(happening))
    for (thing, path), route in routes.items():
        places = set(registrations.get(thing, ()))
        if len(places) != 1 or path.endswith("__init__.py"):
            continue
        registered = places.pop()
        importers = [edge for other in project.paths for edge in project[edges, other] if edge.imported == path]
        runtime = [edge for edge in importers if edge.kind != "type-only"]
        if runtime and all(_behind(project, edge, registered) for edge in runtime):
            at = Location(runtime[0].importer, runtime[0].at)
            yield Late(at, _name(project, thing), "", registered, route, True)


def _behind(project: Project, edge: Edge, registered: Location) -> bool:
    """Whether an import runs after the registration, in the same function or module body."""
    module = project.module(edge.importer)
    if module is None or edge.importer != registered.path or edge.at <= registered.at:
        return False
    return _scope(module, edge.at) == _scope(module, registered.at)


def _scope(module: Module, at: At) -> str:
    """The innermost function around a place."""
    around = [each for each in module.functions if each.qualname and each.at[0] <= at[0] <= each.end_line]
    return max(around, key=lambda each: each.at).qualname if around else ""
