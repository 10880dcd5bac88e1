"""What registers something as soon as its file runs: decorators, and bases of classes that stand for tables."""

from __future__ import annotations

from typing import NamedTuple

from ..project import Project
from .collected import collect


class Registrar(NamedTuple):
    """A decorator from outside by its whole name, and the word for what it makes: `callback`, `listener`, `task`."""

    name: str
    kind: str


def registrars(project: Project) -> tuple[Registrar, ...]:
    """All that the packs know."""
    return collect(project, registrars)


def table_bases(project: Project) -> tuple[str, ...]:
    """What the names of bases from outside begin with of nearly all classes that stand for tables, by the packs."""
    return collect(project, table_bases)


def kinds(project: Project) -> dict[str, str]:
    """Whole name -> kind."""
    return {each.name: each.kind for each in project[registrars]}
