"""Database transactions: the code in which one is open, what opens one, and what ends those of code that it runs."""

from __future__ import annotations

from dataclasses import dataclass

from ..facts.tree import At, within
from ..project import Project
from ..project.answers import Symbol
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Opener:
    """Something outside the repository that opens a transaction when a `with` block enters what it gives.

    `name` is dotted, as `cdlint.project.values` writes what is outside. With `decorates` it also
    opens one around each call of a function that it decorates, as it is or through an adapter.
    """

    name: str
    decorates: bool = False
    adapters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """A region of a function in which a transaction is certainly open.

    `kind`: `block` (the body of a `with`), `function` (all of its body, by a decorator) or
    `session` (from the first write of a session to its commit).
    """

    function: Symbol
    kind: str
    inside: At
    """The span of code that runs in the transaction."""
    opening: Location
    how: str
    """The code that opens it, such as `transaction.atomic()`."""
    origin: Location | None = None
    """Where it really opens, when `opening` uses a context manager of the repository."""
    database: str | None = ""
    """The alias of the database if one is named, None if that is computed."""

    def holds(self, at: At) -> bool:
        """Whether code at this place of the function runs in the transaction."""
        return within(at, self.inside)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Something that ends the transactions of the code that it runs.

    `kind`: `context manager`, `unit of work` (a class), `dependency` (a generator that gives a
    session), `middleware`, `teardown`, `decorator` or `setting`. `ends` are the verbs that it does
    when that code is through: `commit`, `rollback`, `close`; with `explicit` the code has to call
    its method that commits.
    """

    kind: str
    name: str
    ends: tuple[str, ...]
    explicit: bool
    at: Location


def boundaries(project: Project) -> tuple[Boundary, ...]:
    """What ends transactions around code, from all packs."""
    return collect(project, boundaries)


def transactions(project: Project) -> tuple[Transaction, ...]:
    """The regions of all packs, by file and place."""
    return collect(project, transactions)


def openers(project: Project) -> tuple[Opener, ...]:
    """What opens transactions, from all packs."""
    return collect(project, openers)
