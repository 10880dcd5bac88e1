"""What instances of a model can be asked for, as far as all of it is known."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..project.answers import Symbol
from .collected import collect


@dataclass(frozen=True, slots=True)
class Members:
    """All attributes of a model's instances: columns, relations, properties, methods, inherited ones included."""

    model: Symbol
    names: tuple[str, ...]
    keywords: bool
    """Whether its constructor takes just these as keyword arguments."""


def members(project: Project) -> tuple[Members, ...]:
    """The models of all packs whose attributes are all known."""
    return collect(project, members)
