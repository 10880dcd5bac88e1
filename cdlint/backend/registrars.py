"""What registers, as a decorator, whatever it stands on: a function or class that exists only once its file runs."""

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


def kinds(project: Project) -> dict[str, str]:
    """Whole name -> kind."""
    return {each.name: each.kind for each in project[registrars]}
