"""What is seen when a function is followed: calls on rows, reads of instances, and what it returns."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project.answers import Symbol

from ._querysets_values import Later, One, Rows, Value


class Place(NamedTuple):
    """A function, with what some of its parameters are."""

    path: str
    qualname: str
    given: tuple[tuple[str, Value], ...] = ()


class Use(NamedTuple):
    """A method called on rows, a model or an instance, or a model that is instantiated (`new`).

    `values` are those of the positional arguments. `guarded` says that a handler of errors is around it.
    """

    method: str
    on: Value
    call: tree.Call
    values: tuple[Value, ...]
    given: Value
    """The conditions behind `**name`."""
    guarded: bool
    keywords: tuple[tuple[str, Value], ...] = ()
    """The keyword arguments that are instances."""


class Read(NamedTuple):
    """Attributes read from an instance, or given to a function of the repository (`into`)."""

    row: One
    text: str
    at: At
    called: bool
    into: Later | None = None
    given: tuple[str, ...] = ()
    """The parameters of the method that could be left out and are not."""


class Assigned(NamedTuple):
    """`row.name = value`, or (`used`) a method of a relation `row.name` while the row is not saved."""

    row: One
    name: str
    value: Value
    used: str
    at: At


class Trace(NamedTuple):
    """What happens in a function, in order, and what it returns."""

    uses: tuple[Use, ...]
    reads: tuple[Read, ...]
    returned: Value
    sets: tuple[tuple[One, str, At], ...]
    """The attributes that instances of models do not have."""
    assigned: tuple[Assigned, ...]
    items: tuple[tuple[str, Value], ...]
    """What dictionaries are given under a text, by their displays, by assignment and by keywords."""
    own: tuple[tuple[At, Symbol], ...] = ()
    """The calls of methods that managers of the repository have."""
    handed: tuple[tuple[At, Value], ...] = ()
    """The calls with `many=`, and the rows that they are given."""
    unmet: tuple[tuple[Rows, str, At], ...] = ()
    """The methods that rows do not have."""
    entered: tuple[tuple[At, Later], ...] = ()
    """The calls of functions of the repository, and what these are given."""
