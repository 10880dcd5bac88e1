"""Tables, their columns and the relations between the classes that stand for them."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..project.answers import Symbol
from ..project.places import is_test
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; None in a field means that it is not known."""

    name: str
    """In the database."""
    attr: str
    """On the class, `""` for a column of a bare table."""
    type: str | None
    """The class name of its type."""
    nullable: bool | None
    primary_key: bool | None
    unique: bool | None
    max_length: int | None
    fk: str | None
    """`table.column` that it refers to, None as well when it refers to nothing."""
    has_default: bool | None
    index: bool | None
    declared_in: Symbol | None
    """The mixin or abstract base that declares it, None when the class itself does."""
    at: Location


@dataclass(frozen=True, slots=True)
class Relation:
    """An attribute that leads from one class to another."""

    name: str
    target: Symbol | None
    """The class at the other end, None when it is not known."""
    kind: str
    """`one-to-many`, `many-to-one`, `many-to-many`, or `""` when it is not known."""
    opposite: str
    """The attribute at the other end, or `""`."""
    at: Location


@dataclass(frozen=True, slots=True)
class Table:
    """A table, as one class or a bare definition describes it.

    Several classes may describe one table; its columns are those of all of them.
    """

    name: str | None
    """With its schema (`schema.table`) when it has one; None when it is computed."""
    model: Symbol | None
    """The class, None for a bare table."""
    abstract: bool
    """A class without a table of its own, whose columns its subclasses have."""
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...]
    complete: bool
    """Whether all its columns are known."""
    at: Location


def tables(project: Project) -> tuple[Table, ...]:
    """The tables of all packs."""
    return collect(project, tables)


def served(project: Project) -> tuple[Table, ...]:
    """The tables of the program, those that its tests make for themselves left out."""
    return tuple(each for each in project[tables] if not is_test(each.at.path) or _is_migrated(project, each.at.path))


def _is_migrated(project: Project, path: str) -> bool:
    """Whether migrations lie beside the models: a part of the program may well be called `tests`."""
    folder = path.rpartition("/")[0].removesuffix("/models")
    return project.exists(f"{folder}/migrations/__init__.py")


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """Something about tables that was seen and not resolved: what it is and why not."""

    at: Location
    what: str
    why: str


def unknown_tables(project: Project) -> tuple[UnknownTable, ...]:
    """What all packs could not resolve about tables."""
    return collect(project, unknown_tables)
