"""How routes come to be served: containers that hold routes and each other, and what an application gets of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from ..project.answers import Symbol
from ..project.objects import Context, Thing, certain, off
from ..rule import Location

Origin: TypeAlias = tuple[str, str]
"""The module or function whose running does something: only within one is the order known."""

HIDDEN = "\x00"
"""Around a piece of a path that is not known; what stands between names the place, so that two differ."""


class Route(NamedTuple):
    """One route on a container. No methods means every method."""

    methods: tuple[str, ...]
    path: str
    handler: Symbol | None
    at: Location
    handler_at: Location | None
    conditions: Context


class Inclusion(NamedTuple):
    """A container joined to another under a prefix. `child` is None when it is something from outside."""

    child: Thing | None
    prefix: str
    mounted: bool
    """Joined as an application of its own, which answers to everything below the prefix."""
    at: Location
    conditions: Context


class Step(NamedTuple):
    """Something that a container gets, in order."""

    origin: Origin
    part: Route | Inclusion


class Container(NamedTuple):
    """An application or router with all that it gets.

    `loose` says why more may happen to it than is seen, `""` when nothing may; `reordered`
    whether its routes are moved about after they were added; `chosen` whether it is made only
    under a condition whose outcome is not known.
    """

    thing: Thing
    application: bool
    steps: tuple[Step, ...]
    loose: str
    reordered: bool
    chosen: bool = False


class Served(NamedTuple):
    """A route as an application serves it, with its whole path.

    `chain` are the inclusions that lead to it, outermost first, `places` the step at each level.
    """

    route: Route | Inclusion
    path: str
    chain: tuple[Inclusion, ...]
    places: tuple[tuple[Origin, int], ...]
    conditions: Context

    @property
    def certain(self) -> bool:
        """Whether it is served, settings being as the code has them."""
        return certain(self.conditions)

    @property
    def off(self) -> bool:
        """Whether it is not served, settings being as the code has them."""
        return off(self.conditions)


Wiring: TypeAlias = Mapping[Thing, Container]


def hidden(at: Location) -> str:
    """A piece of a path that is not known, for the place that adds it."""
    return f"{HIDDEN}{at.path}:{at.at[0]}:{at.at[1]}{HIDDEN}"


def hiding(path: str) -> tuple[Location, ...]:
    """The places that add the pieces of a path that are not known."""
    found = []
    for piece in path.split(HIDDEN)[1::2]:
        file, line, column = piece.rsplit(":", 2)
        found.append(Location(file, (int(line), int(column), int(line), int(column))))
    return tuple(found)


_MOST = 3_000
"""How often routers are gone through for an application: those that hold each other double with every step."""


def served(wiring: Wiring, application: Thing) -> Iterator[Served]:
    """What an application serves, in the order of registration; mounts stand before what is in them."""
    return _served(wiring, wiring[application], "", (), (), (), (application,), [_MOST])


def _served(
    wiring: Wiring,
    container: Container,
    prefix: str,
    chain: tuple[Inclusion, ...],
    places: tuple[tuple[Origin, int], ...],
    conditions: Context,
    above: tuple[Thing, ...],
    left: list[int],
) -> Iterator[Served]:
    left[0] -= 1
    if left[0] < 0:
        return
    for index, step in enumerate(container.steps):
        part, here = step.part, (*places, (step.origin, index))
        under = (*conditions, *part.conditions)
        if isinstance(part, Route):
            yield Served(part, prefix + part.path, chain, here, under)
            continue
        if part.mounted:
            yield Served(part, prefix + part.prefix, chain, here, under)
        child = wiring.get(part.child) if part.child is not None else None
        if child is not None and child.thing not in above:
            yield from _served(
                wiring,
                child,
                prefix + part.prefix,
                (*chain, part),
                here,
                under,
                (*above, child.thing),
                left,
            )


def precedes(one: Served, other: Served) -> bool:
    """Whether one route is surely registered before another of the same application."""
    for left, right in zip(one.places, other.places, strict=False):
        if left != right:
            return left[0] == right[0] and left[1] < right[1]
    # A mount stands before the routes in it, which it does not hide.
    return False


def reached(wiring: Wiring) -> dict[Thing, bool | None]:
    """Whether an application serves each container: None when something that is not seen may join it."""
    parents: dict[Thing, list[Thing]] = {}
    for container in wiring.values():
        for step in container.steps:
            if isinstance(step.part, Inclusion) and step.part.child is not None:
                parents.setdefault(step.part.child, []).append(container.thing)
    return {thing: _reached(wiring, parents, thing) for thing in wiring}


def _reached(wiring: Wiring, parents: Mapping[Thing, list[Thing]], thing: Thing) -> bool | None:
    seen = {thing}
    stack = [thing]
    doubt = False
    while stack:
        each = stack.pop()
        container = wiring.get(each)
        if container is not None and container.application:
            return True
        doubt = doubt or container is None or bool(container.loose)
        fresh = [parent for parent in parents.get(each, ()) if parent not in seen]
        seen.update(fresh)
        stack.extend(fresh)
    return None if doubt else False


def operations(wiring: Wiring, thing: Thing, above: tuple[Thing, ...] = ()) -> tuple[Route, ...]:
    """The routes that a container holds, those of containers joined to it included."""
    container = wiring.get(thing)
    found: list[Route] = []
    for step in container.steps if container is not None and thing not in above else ():
        if isinstance(step.part, Route):
            found.append(step.part)
        elif step.part.child is not None:
            found.extend(operations(wiring, step.part.child, (*above, thing)))
    return tuple(found)
