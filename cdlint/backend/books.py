"""Books of what happens to containers of routes: gathered by thing, told as backend words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..diagnostic import Notice
from ..project import Project
from ..project.answers import Symbol
from ..project.modules import find_module
from ..project.object_frames import unwrap
from ..project.objects import Bound, Happening, Items, Literal, Method, Partial, Record, Thing, Trace, Value, things_in
from ..project.places import is_aside
from ..rule import Location
from .endpoints import Endpoint, Router, Unresolved
from .mentions import followed, mentioned, variable_of
from .wiring import (
    HIDDEN,
    Container,
    Inclusion,
    Origin,
    Served,
    Step,
    Wiring,
    hidden,
    hiding,
    operations,
    reached,
    served,
)


class Book(ABC):
    """What the happenings say. A pack's book knows what its framework's methods do."""

    applications: frozenset[str] = frozenset()
    """The classes of applications."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.prefixes: dict[Thing, str] = {}
        self.steps: dict[Thing, dict[Step, None]] = {}
        self.loose: dict[Thing, str] = {}
        self.reordered: set[Thing] = set()
        self.chosen: set[Thing] = set()
        self.origin: Origin = ("", "")

    def gather(self, traces: tuple[Trace, ...]) -> dict[Thing, Container]:
        """The containers that the traces tell of."""
        for each in traces:
            for happening in each.happenings:
                thing = happening.receiver
                if isinstance(thing, Thing):
                    self.steps.setdefault(thing, {})
                    self.prefixes.setdefault(thing, "")
                    if happening.method == "__init__":
                        self.made(thing, happening)
                    if happening.kind == "made" and not happening.certain:
                        self.chosen.add(thing)
        for each in traces:
            self.origin = (each.path, each.function)
            self.begin()
            for happening in each.happenings:
                if isinstance(happening.receiver, Thing):
                    self.read(happening.receiver, happening)
                else:
                    self.away(everything(happening), "it is joined to something that is not known")
        return {
            thing: Container(
                thing,
                thing.cls in self.applications,
                tuple(steps),
                self.loose.get(thing, ""),
                thing in self.reordered,
                thing in self.chosen,
            )
            for thing, steps in self.steps.items()
        }

    def begin(self) -> None:  # noqa: B027
        """A new trace begins."""

    @abstractmethod
    def made(self, thing: Thing, happening: Happening) -> None:
        """A thing is made: its prefix and whatever else its arguments say."""

    @abstractmethod
    def read(self, thing: Thing, happening: Happening) -> None:
        """Something is done with a thing."""

    def add(self, thing: Thing, part: Any) -> None:
        """A thing gets something, once."""
        self.steps.setdefault(thing, {}).setdefault(Step(self.origin, part))

    def include(self, parent: Thing, child: Value, prefix: str, happening: Happening, mounted: bool = False) -> None:
        """A container is joined to another."""
        if not isinstance(child, Thing):
            self.away(child, "it is wrapped before it is joined")
        part = Inclusion(child if isinstance(child, Thing) else None, prefix, mounted, place(happening),
                         happening.conditions)  # fmt: skip
        self.add(parent, part)

    def away(self, value: Value, why: str) -> None:
        """Things in a value go where nobody can follow them."""
        for thing in things_in(value):
            self.loose.setdefault(thing, why)


def place(happening: Happening | Record) -> Location:
    """Where something happens."""
    return Location(happening.path, happening.at)


def everything(happening: Happening) -> Items:
    """All arguments."""
    return Items((*happening.args, *(value for _, value in happening.keywords)))


def path_of(happening: Happening | Record, value: Value | None, spread: bool = False) -> str:
    """A path or prefix as text; what is not known is hidden, and so is what `**options` may give."""
    if value is None or value == Literal(None):
        return hidden(place(happening)) if spread else ""
    known = unwrap(value)
    return known if isinstance(known, str) else hidden(place(happening))


def names_of(value: Value) -> tuple[str, ...]:
    """A list of methods, upper case; none when it is not known."""
    known: Any = unwrap(value)
    if isinstance(known, (tuple, list, frozenset)) and all(isinstance(each, str) for each in known):
        names = sorted(known) if isinstance(known, frozenset) else known
        return tuple(dict.fromkeys(each.upper() for each in names))
    return ()


def handler_of(value: Value | None) -> Symbol | None:
    """The function or class of the repository that a value calls in the end."""
    if isinstance(value, Partial):
        return handler_of(value.target)
    if isinstance(value, Method):
        return value.function
    if isinstance(value, Bound) and value.name == "as_view()":
        value = value.owner
    return value if isinstance(value, Symbol) and value.kind in ("function", "class") else None


def roots(wiring: Wiring) -> tuple[Thing, ...]:
    """The applications that are not joined to another, but for one that is made only to stand around it."""
    inner = {
        step.part.child
        for each in wiring.values()
        for step in each.steps
        if isinstance(step.part, Inclusion) and (child := wiring.get(step.part.child or each.thing)) is not None
        if not each.chosen or child.chosen
    }
    return tuple(sorted((thing for thing, each in wiring.items() if each.application and thing not in inner), key=repr))


def served_by(wiring: Wiring) -> tuple[tuple[Served, ...], ...]:
    """What each application serves, in the order of registration."""
    return tuple(tuple(served(wiring, thing)) for thing in roots(wiring))


def endpoints_of(tables: tuple[tuple[Served, ...], ...], framework: str) -> tuple[Endpoint, ...]:
    """The endpoints of applications, each once, those left out that only other settings would bring."""
    found: dict[Endpoint, bool] = {}
    for table in tables:
        for each in table:
            route = each.route
            if isinstance(route, Inclusion) or route.handler is None or HIDDEN in each.path or each.off:
                continue
            for method in route.methods:
                endpoint = Endpoint(method, each.path, route.handler, route.at, framework, True)
                found[endpoint] = found.get(endpoint, False) or each.certain
    return tuple(replace(endpoint, certain=certain) for endpoint, certain in found.items())


def unresolved_of(tables: tuple[tuple[Served, ...], ...], traces: tuple[Trace, ...]) -> Iterator[Unresolved]:
    """The routes of applications that are not endpoints, and the code that was not followed to its end."""
    for trace in traces:
        if trace.cut:
            what = f"`{trace.function}`" if trace.function else "the module"
            yield Unresolved(Location(trace.path, (1, 0, 1, 0)), what, "it takes more steps than are followed")
    there = {each.route.at for table in tables for each in table if not each.off and HIDDEN not in each.path}
    for table in tables:
        for each in table:
            if HIDDEN in each.path:
                for place_ in hiding(each.path):
                    yield Unresolved(place_, "path", "a prefix or path is not known")
            elif isinstance(each.route, Inclusion):
                continue
            elif not each.route.methods:
                yield Unresolved(each.route.at, each.path, "its methods are not known")
            elif each.off and each.route.at not in there:
                yield Unresolved(each.route.at, each.path, "the settings' defaults leave it out")


def routers_of(
    project: Project,
    wiring: Wiring,
    traces: tuple[Trace, ...],
    names: frozenset[str],
    classes: frozenset[str],
    framework: str,
) -> tuple[Router, ...]:
    """The routers of a repository, one for each place that makes one, with whether they are served.

    `names` are the attributes under which routers that are not known are joined, `""` for any.
    """
    if not any(each.application for each in wiring.values()):
        return ()
    state, known = reached(wiring), followed(traces)
    nested = {step.part.child for each in wiring.values() for step in each.steps if isinstance(step.part, Inclusion)}
    places: dict[Location, list[Thing]] = {}
    for thing, container in wiring.items():
        if not container.application and thing.cls in classes and thing not in nested:
            places.setdefault(Location(thing.path, thing.at), []).append(thing)
    made = []
    unfinished = any(each.cut for each in traces)
    for at, group in sorted(places.items()):
        name = variable_of(project, at.path, at.at[0])
        states = {state[thing] for thing in group}
        count = max(len(operations(wiring, thing)) for thing in group)
        served_ = True if True in states else None if None in states or unfinished else False
        if served_ is False and count:
            hit = "" in names or name.rpartition(".")[2] in names or _is_taken(project, at.path, name)
            if hit or not name or mentioned(project, Symbol("variable", at.path, name), known):
                served_ = None
        made.append(Router(name, at, framework, count, served_))
    return tuple(made)


def _is_taken(project: Project, path: str, name: str) -> bool:
    """Whether a file takes this name from a module called like this one that is not found: on a path of its own."""
    stem = path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]
    return any((stem, name) in project[_taken_from_outside, by] for by in project.paths)


def _taken_from_outside(project: Project, path: str) -> frozenset[tuple[str, str]]:
    """The names that a file takes from modules which are not found, each with the last part of the module's name."""
    module = None if is_aside(path) else project.module(path)
    return frozenset(
        (each.module.rpartition(".")[2], each.name)
        for each in (module.imports if module is not None else ())
        if each.name is not None and each.module[0] != "." and _is_outside(project, path, each.module)
    )


def _is_outside(project: Project, path: str, name: str) -> bool:
    found = project[find_module, (path, name)]
    return isinstance(found, Symbol) and found.kind == "external"


def unseen_of(wiring: Wiring, framework: str) -> tuple[Notice, ...]:
    """A word of warning where applications are made and not one route is seen: silence there is ignorance."""
    made = [thing for thing in roots(wiring) if not is_aside(thing.path)]
    if not made or any(wiring[thing].steps for thing in made):
        return ()
    first = min(made, key=lambda thing: (thing.path, thing.at))
    message = f"no route of this {framework} application is seen; `cdlint inspect routes` says what was not followed"
    return (Notice(message, first.path, first.at[0]),)
