"""The ways by which a module reaches one of a higher layer, through modules of no layer too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.layers import Layers, layer_of, layers, unmatched
from cdlint.backend.notices import run_notices
from cdlint.diagnostic import Notice
from cdlint.project import Project
from cdlint.project.imports import Edge, edges


class Breach(NamedTuple):
    """A module of a lower layer that reaches one of a higher layer, import by import."""

    contract: str
    lower: str
    higher: str
    chain: tuple[Edge, ...]


def guarded(project: Project) -> tuple[tuple[Layers, str], ...]:
    """Each contract with each file of all its layers but the highest."""
    return tuple(
        (contract, path)
        for contract in project[layers]
        for path, position in sorted(project[layer_of, contract].items())
        if position
    )


def breaches(project: Project, key: tuple[Layers, str]) -> tuple[Breach, ...]:
    """What a file reaches that is above its layer: for each import of it and each layer the first, shortest way."""
    contract, start = key
    positions = project[layer_of, contract]
    own = positions[start]
    found: dict[tuple[str, int], Breach] = {}
    ways: list[tuple[Edge, ...]] = [()]
    seen = {start}
    while ways:
        longer = [(*way, edge) for way in ways for edge in _outgoing(project, contract, way, start)]
        reached = sorted(longer, key=_order)
        ways = []
        for way in reached:
            target = way[-1].imported
            if target in seen and len(way) > 1:
                continue
            seen.add(target)
            position = positions.get(target)
            if position is None:
                ways.append(way)
            elif position < own:
                breach = Breach(contract.name, contract.order[own].name, contract.order[position].name, way)
                found.setdefault((way[0].imported, position), breach)
    return tuple(found.values())


def _outgoing(project: Project, contract: Layers, way: tuple[Edge, ...], start: str) -> Iterator[Edge]:
    """The first import of each module that the last module of a way imports."""
    path = way[-1].imported if way else start
    targets = set()
    for edge in project[edges, path] if path.endswith(".py") else ():
        if edge.kind in contract.edges and edge.imported not in targets and edge.imported != path:
            targets.add(edge.imported)
            yield edge


def _order(way: tuple[Edge, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    return tuple(edge.imported for edge in way), way[0].at


@provides(run_notices)
def unmatched_patterns(project: Project) -> tuple[Notice, ...]:
    """A pattern that no module matches guards nothing, which must not look like a clean run."""
    return tuple(
        Notice(f"the pattern `{each.pattern}` of the layer `{each.layer}` in `{each.contract}` matches no module")
        for each in project[unmatched]
    )
