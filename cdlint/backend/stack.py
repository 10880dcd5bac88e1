"""The stack: which frameworks, mappers, databases, drivers and queues a backend is built of, and what proves each."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Offer:
    """A distribution that may be part of a stack.

    `role` is one of `framework`, `orm`, `schemas`, `migrations`, `driver`, `queue`, `server`.
    `modules` are the top-level names that it installs. `database` is what a driver talks to.
    """

    distribution: str
    role: str
    modules: tuple[str, ...]
    database: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """A database that code or settings name.

    `name` is such as `postgresql`; `driver` the module that talks to it, `""` when it is not said.
    `default` is True when this only holds if the environment says nothing else.
    """

    name: str
    driver: str
    default: bool
    at: Location


@dataclass(frozen=True, slots=True)
class UnknownDatabase:
    """A place that names a database in a way that cannot be resolved."""

    at: Location
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """Another place that says what the program is made of, or what starts it, and that cannot be resolved."""

    at: Location
    what: str
    why: str


def offers(project: Project) -> tuple[Offer, ...]:
    """The distributions that packs know."""
    return collect(project, offers)


def databases(project: Project) -> tuple[Database, ...]:
    """The databases that the repository names."""
    return collect(project, databases)


def unknown_databases(project: Project) -> tuple[UnknownDatabase, ...]:
    """The places that name a database and could not be resolved."""
    return collect(project, unknown_databases)


def unknown_parts(project: Project) -> tuple[UnknownPart, ...]:
    """All other places that were seen and could not be resolved: start commands, settings."""
    return collect(project, unknown_parts)
