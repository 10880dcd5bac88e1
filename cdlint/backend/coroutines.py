"""Callables outside the repository whose result must be awaited: `Coroutines`, filled by packs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..facts.tree import At
from ..project import Project
from ..project.answers import Symbol
from .collected import collect


@dataclass(frozen=True, slots=True)
class Coroutines:
    """Names under one owner that give a coroutine when called.

    `owner` is a dotted module, class or expression, as `cdlint.project.values` writes what is
    outside (`httpx.AsyncClient()`). With `chained`, anything may stand between it and the name.
    What `contexts` give may be entered by `async with` instead of being awaited.
    """

    owner: str
    names: tuple[str, ...]
    chained: bool = False
    contexts: tuple[str, ...] = ()


def coroutines(project: Project) -> tuple[Coroutines, ...]:
    """What all packs know of."""
    return collect(project, coroutines)


def coroutine_calls(project: Project, function: Symbol) -> frozenset[At]:
    """Where a function makes calls of which a pack is certain that they give a coroutine."""
    facts: tuple[Callable[[Project, Symbol], frozenset[At]], ...] = project.provided(coroutine_calls)
    return frozenset(at for fact in facts for at in project[fact, function])
