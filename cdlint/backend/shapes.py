"""Shapes: what data the schemas, serializers and forms of a backend accept and return."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..project.answers import Symbol
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class ShapeField:
    """A field of a shape; None means that it is not known, for `alias` that there is none."""

    name: str
    type: str | None
    """As written, without what says that it may be null."""
    required: bool | None
    nullable: bool | None
    alias: str | None
    """The name in the data, when it is another one."""
    read_only: bool | None
    """It is returned and not accepted."""
    write_only: bool | None
    """It is accepted and not returned."""
    declared_in: Symbol | None
    """The base or model that declares it, None when the class itself does."""
    at: Location


@dataclass(frozen=True, slots=True)
class Shape:
    """A class that describes data. `complete` says whether all its fields are known."""

    name: Symbol
    kind: str
    fields: tuple[ShapeField, ...]
    complete: bool
    at: Location


@dataclass(frozen=True, slots=True)
class UnknownShape:
    """Something about shapes that was seen and not resolved: what it is and why not."""

    at: Location
    what: str
    why: str


def shapes(project: Project) -> tuple[Shape, ...]:
    """The shapes of all packs."""
    return collect(project, shapes)


def unknown_shapes(project: Project) -> tuple[UnknownShape, ...]:
    """What all packs could not resolve about shapes."""
    return collect(project, unknown_shapes)
