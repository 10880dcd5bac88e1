"""Entities: what instances of the classes that stand for tables have, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..facts.tree import At
from ..project import Project
from ..project.answers import Symbol


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute. `kind`: `column`, `one`, `many`, `key` (the value of a relation), or `other` for anything else."""

    kind: str
    target: Symbol | None
    """The entity that a relation leads to, None when it is not known or no relation."""
    back: str = ""
    """The relation by which what it leads to refers to this one, which is known there without a query."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A class that stands for a table. `complete` says whether it has no other attributes."""

    name: Symbol
    attributes: dict[str, Attribute]
    complete: bool


def entity(project: Project, symbol: Symbol) -> Entity | None:
    """What a class has, as the first pack knows it that takes it for an entity."""
    facts: tuple[Callable[[Project, Symbol], Entity | None], ...] = project.provided(entity)
    for fact in facts:
        found = project[fact, symbol]
        if found is not None:
            return found
    return None


def added_attributes(project: Project) -> frozenset[str]:
    """The names that some query adds to instances."""
    facts: tuple[Callable[[Project], frozenset[str]], ...] = project.provided(added_attributes)
    return frozenset().union(*(project[fact] for fact in facts))


@dataclass(frozen=True, slots=True)
class EntityRows:
    """Rows of an entity that a view shows, with the relations that their query loads along, as paths with `__`."""

    model: Symbol
    loaded: frozenset[str]


def view_rows(project: Project, view: Symbol) -> EntityRows | None:
    """The rows that a view class shows; None when they are not known."""
    facts: tuple[Callable[[Project, Symbol], EntityRows | None], ...] = project.provided(view_rows)
    return next((found for fact in facts if (found := project[fact, view]) is not None), None)


@dataclass(frozen=True, slots=True)
class RowRead:
    """A method that is given one row under the name of a parameter."""

    function: Symbol
    parameter: str
    rows: EntityRows


def row_loads(project: Project, read: RowRead) -> tuple[tuple[str, str], ...]:
    """The relations, as (path, attribute), that a method loads of every row that it is given."""
    facts: tuple[Callable[[Project, RowRead], tuple[tuple[str, str], ...]], ...] = project.provided(row_loads)
    return tuple(found for fact in facts for found in project[fact, read])


@dataclass(frozen=True, slots=True)
class Showing:
    """A function that may show rows, and the view class that it runs for if it is a method of one."""

    function: Symbol
    view: Symbol | None


def handed_rows(project: Project, showing: Showing) -> tuple[tuple[At, EntityRows], ...]:
    """The calls with `many=` in a function, and the rows that they are given."""
    facts: tuple[Callable[[Project, Showing], tuple[tuple[At, EntityRows], ...]], ...] = project.provided(handed_rows)
    return tuple(found for fact in facts for found in project[fact, showing])


def row_calls(project: Project, function: Symbol) -> frozenset[tuple[At, str]]:
    """The calls in a function, with the method's name, that are certainly on rows of an entity."""
    facts: tuple[Callable[[Project, Symbol], frozenset[tuple[At, str]]], ...] = project.provided(row_calls)
    return frozenset(each for fact in facts for each in project[fact, function])
