"""Layers: which modules are in each, and which layer may import which, as the configuration declares them."""

from __future__ import annotations

from dataclasses import dataclass

from ..globs import name_matcher
from ..project import Project
from ..project.modules import module_name


@dataclass(frozen=True, slots=True)
class Layer:
    """Some modules, by patterns over their dotted names."""

    name: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layers:
    """One contract: a module may import from its own layer and from those below it."""

    name: str
    order: tuple[Layer, ...]
    """Highest first."""
    edges: tuple[str, ...]
    """The kinds of imports that count."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A pattern of a layer that no module of the repository matches, so that it guards nothing."""

    contract: str
    layer: str
    pattern: str


def layers(project: Project) -> tuple[Layers, ...]:
    """The contracts of the configuration."""
    return tuple(
        Layers(
            contract["name"],
            tuple(Layer(name, tuple(contract["members"][name])) for name in contract["order"]),
            tuple(contract["edges"]),
        )
        for contract in project.setting("layers", ())
    )


def layer_of(project: Project, contract: Layers) -> dict[str, int]:
    """The files that are in a layer, with its position in the order: 0 is the highest.

    Where patterns of several layers match, the one that says most decides.
    """
    found = {}
    patterns = sorted(
        (-_weight(pattern), position, pattern)
        for position, layer in enumerate(contract.order)
        for pattern in layer.patterns
    )
    for path in project.paths:
        name = module_name(project, path)
        position = next((position for _, position, pattern in patterns if name_matcher(pattern)(name)), None)
        if position is not None:
            found[path] = position
    return found


def _weight(pattern: str) -> int:
    """How much a pattern says: the number of its segments that are not wildcards."""
    return sum(part not in ("*", "**") for part in pattern.split("."))


def unmatched(project: Project) -> tuple[Unmatched, ...]:
    """The patterns of all contracts that match no module."""
    contracts = project[layers]
    if not contracts:
        return ()
    names = [module_name(project, path) for path in project.paths]
    return tuple(
        Unmatched(contract.name, layer.name, pattern)
        for contract in contracts
        for layer in contract.order
        for pattern in layer.patterns
        if not any(map(name_matcher(pattern), names))
    )
