"""What endpoints make their answers of: the shapes that objects are read into, and reads that go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..project.answers import Symbol
from ..rule import Evidence, Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Response:
    """A handler whose result is read, attribute by attribute, into a shape; into a list of them if `many`."""

    handler: Symbol
    shape: Symbol
    many: bool
    at: Location
    """Where that is said."""


@dataclass(frozen=True, slots=True)
class FailingRead:
    """An attribute that a shape reads of what a handler returns, and that cannot be read then.

    `why`: `lazy` (it would be loaded without `await`) or `detached` (its session is closed).
    """

    handler: Symbol
    shape: Symbol
    """The one with the field: that of the response, or one inside it."""
    field: Location
    model: Symbol
    name: str
    why: str
    query: Location
    """Where the object comes from."""
    how: str
    returned: Location
    chain: tuple[Evidence, ...]
    cure: str


def responses(project: Project) -> tuple[Response, ...]:
    """The responses of all packs."""
    return collect(project, responses)


def failing_reads(project: Project) -> tuple[FailingRead, ...]:
    """The failing reads that all packs know of."""
    return collect(project, failing_reads)
