"""Routes that a router gets after it was included, when inclusion copies what is there."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.object_traces import traces
from cdlint.project.objects import Happening, Thing, Trace
from cdlint.rule import Location

from ._watch import ADDERS, DECORATORS, WATCH


class Late(NamedTuple):
    """A router that is included before it gets a route or another router."""

    router: Thing
    included: Location
    added: Location
    what: str


def late(project: Project) -> tuple[Late, ...]:
    """All of them: the first addition that comes too late for each inclusion."""
    found: dict[tuple[Location, Thing], Late] = {}
    again: set[Thing] = set()
    for trace in project[traces, WATCH]:
        for each in _in_trace(trace, again):
            found.setdefault((each.included, each.router), each)
    return tuple(each for each in found.values() if each.router not in again)


def _in_trace(trace: Trace, again: set[Thing]) -> list[Late]:
    included: dict[Thing, Happening] = {}
    changed: dict[Thing, Late] = {}
    for happening in trace.happenings:
        thing, method = happening.receiver, happening.method.removeprefix("router.")
        if not isinstance(thing, Thing):
            continue
        if method == "include_router":
            child = happening.argument(0, "router")
            if isinstance(child, Thing):
                if child in changed:
                    again.add(child)
                included.setdefault(child, happening)
        adds = method in ADDERS or method == "include_router" or (happening.kind == "decorate" and method in DECORATORS)
        before = included.get(thing)
        if adds and before is not None and thing not in changed and happening.certain and before.certain:
            what = "router" if method == "include_router" else "route"
            changed[thing] = Late(thing, _place(before.path, before.at), _place(happening.path, happening.at), what)
    return list(changed.values())


def _place(path: str, at: At) -> Location:
    return Location(path, at)
