"""Endpoints: what a backend answers to, and the routers, blueprints and applications that hold them."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..project.answers import Symbol
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method and path that an application answers to.

    `path` is in the framework's own syntax with all prefixes joined, `at` the decorator or call
    that registers it. `certain` is False when that runs under a condition.
    """

    method: str
    path: str
    handler: Symbol
    at: Location
    framework: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Router:
    """Something that holds routes and is joined to an application: a router or a blueprint.

    `operations` is how many routes it holds, those of routers joined to it included. `reached`
    says whether an application serves them; None when that is not known.
    """

    name: str
    at: Location
    framework: str
    operations: int
    reached: bool | None


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A registration that was seen and could not be followed: what it is and why not."""

    at: Location
    what: str
    why: str


def endpoints(project: Project) -> tuple[Endpoint, ...]:
    """All endpoints of the repository."""
    return collect(project, endpoints)


def routers(project: Project) -> tuple[Router, ...]:
    """All routers and blueprints of the repository."""
    return collect(project, routers)


def unresolved(project: Project) -> tuple[Unresolved, ...]:
    """The registrations that could not be followed."""
    return collect(project, unresolved)
