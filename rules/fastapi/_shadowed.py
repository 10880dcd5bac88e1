"""Pairs of routes of one application of which the first hides the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.backend.wiring import HIDDEN, Inclusion, Route, Served, precedes
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._shadow import covers, slashes, static_head
from ._wiring import applications, tables, wiring

_Seen: TypeAlias = dict[tuple[str, int, str], list[tuple[int, Served]]]
"""First segment, slashes and method -> the routes of a table with their positions; mounts have no method."""


class Shadowed(NamedTuple):
    """A route that is never reached and the one before it. `joins` is where their routers are joined, if apart."""

    method: str
    later: str
    later_at: Location
    earlier: str
    earlier_at: Location
    mount: bool
    joins: tuple[Location, ...]


def shadowed(project: Project) -> tuple[Shadowed, ...]:
    """The hidden routes of all applications, each once."""
    found: dict[tuple[str, Location], Shadowed] = {}
    moved = {thing for thing, each in project[wiring].items() if each.reordered}
    for thing, table in zip(project[applications], project[tables], strict=True):
        if thing in moved or moved & _inside(table):
            continue
        for pair in _pairs(table):
            found.setdefault((pair.method, pair.later_at), pair)
    once: dict[tuple[Location, Location], Shadowed] = {}
    for pair in found.values():
        once.setdefault((pair.later_at, pair.earlier_at), pair)
    return () if once and any(project[_drops_routes, path] for path in project.paths) else tuple(once.values())


def _drops_routes(project: Project, path: str) -> bool:
    """Whether a file takes routes out of an application again, by their places: `del app.routes[i]`."""
    module = None if is_aside(path) else project.module(path)
    return any(
        isinstance(target, tree.Subscript) and getattr(target.value, "last", "") == "routes"
        for function in (module.functions if module is not None else ())
        if function.mentions("routes")
        for node in function.every(tree.Delete)
        for target in node.targets
    )


def _inside(table: tuple[Served, ...]) -> set[object]:
    return {part.child for each in table for part in each.chain if part.child is not None}


def _pairs(table: tuple[Served, ...]) -> Iterator[Shadowed]:
    """Every route with the first before it that covers it; those that cannot, by a part of the path, are skipped."""
    seen: _Seen = {}
    there: set[tuple[Location, str]] = set()
    for index, each in enumerate(table):
        head = static_head(each.path)
        if isinstance(each.route, Route):
            if (each.route.at, each.path) not in there:
                # One that comes again under the same path, of a router that is included twice, is reached as the first.
                yield from _hidden(each, head, seen)
            there.add((each.route.at, each.path))
            for method in each.route.methods:
                seen.setdefault((head, slashes(each.path), method), []).append((index, each))
        else:
            seen.setdefault((head, -1, ""), []).append((index, each))


def _before(seen: _Seen, head: str, path: str, method: str) -> Iterator[Served]:
    """What may cover a path: of the same first segment, then of one that is not fixed, in the order of the table."""
    for start in (head, "") if head else ("",):
        keys = {(start, path.count("/"), method), (start, -1, method), (start, -1, "")}
        yield from (each for _, each in sorted(pair for key in keys for pair in seen.get(key, ())))


def _hidden(later: Served, head: str, seen: _Seen) -> Iterator[Shadowed]:
    route = later.route
    assert isinstance(route, Route)
    for method in route.methods:
        for earlier in _before(seen, head, later.path, method):
            if _hides(earlier, later, method):
                mount = isinstance(earlier.route, Inclusion)
                yield Shadowed(
                    method, later.path, route.at, earlier.path, earlier.route.at, mount, _joins(earlier, later)
                )
                break


def _hides(earlier: Served, later: Served, method: str) -> bool:
    one, other = earlier.route, later.route
    assert isinstance(other, Route)
    if isinstance(one, Inclusion):
        return covers(earlier.path, later.path, True) and _is_joined(earlier, later) and precedes(earlier, later)
    if method not in one.methods or not covers(earlier.path, later.path) or not _is_joined(earlier, later):
        return False
    if one.handler is not None and one.handler == other.handler:
        return False
    if HIDDEN in later.path and earlier.chain != later.chain:
        return False
    return one.at != other.at and precedes(earlier, later)


def _is_joined(earlier: Served, later: Served) -> bool:
    """Whether the first is there whenever the second is."""
    return set(earlier.conditions) <= set(later.conditions)


def _joins(earlier: Served, later: Served) -> tuple[Location, ...]:
    """Where the two routers are joined, when they are not the same."""
    for left, right in zip(earlier.chain, later.chain, strict=False):
        if left != right:
            return (left.at, right.at)
    rest = earlier.chain[len(later.chain) :] or later.chain[len(earlier.chain) :]
    return (rest[0].at,) if rest else ()
