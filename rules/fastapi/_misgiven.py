"""Calls of `include_router` that are given a function, which may make a router but is none."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.object_traces import traces
from cdlint.project.objects import Happening, Thing, Value
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._watch import WATCH


class Misgiven(NamedTuple):
    """A call of `include_router`, with the name of the function that it is given."""

    at: Location
    name: str


def misgiven(project: Project) -> tuple[Misgiven, ...]:
    """Each such call once."""
    found: dict[Location, Misgiven] = {}
    for trace in project[traces, WATCH]:
        for each in trace.happenings:
            given = each.argument(0, "router") if _joins(each) else None
            facts = function_facts(project, given) if isinstance(given, Symbol) else None
            if facts is not None and not facts.decorator_codes:
                at = Location(each.path, each.at)
                found.setdefault(at, Misgiven(at, facts.name))
    return tuple(found.values())


def _joins(happening: Happening) -> bool:
    receiver: Value = happening.receiver
    return happening.method == "include_router" and isinstance(receiver, Thing) and not is_aside(happening.path)
