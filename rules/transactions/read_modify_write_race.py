"""A number is read from a row, changed in Python and written back: two requests lose a change.

## Why
Two requests read the same value, each adds one, each writes its result: one change is lost. A
transaction does not help, since both may read before either writes.

## Instead
Let the database calculate: `update(stock=F("stock") - 1)` in Django, `Model.stock =
Model.stock - 1` in an `update()` of SQLAlchemy. Or lock the row while it is read, with
`select_for_update()` or `with_for_update()`.

## Known limits
Only numeric columns of rows that the same function loads, that stand behind a relation of one
(`line.item.stock`), or of the model in its own methods.
Functions that mention a lock, models with a version column, and scripts, commands and jobs are
passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._races import races, writing


@rule(of=writing, severity="warning", constraint="transaction", precision="B")
def read_modify_write_race(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a changed attribute."""
    for each in races(project, function):
        related = [Evidence(Location(function.path, each.saved), "the result is written here")]
        if each.loaded is not None:
            related.insert(0, Evidence(Location(function.path, each.loaded), "the row is read here, without a lock"))
        yield Finding(
            Location(function.path, each.at),
            f"`{each.what}` is read, changed and written back: of two requests at the same time one change is lost.",
            related=tuple(related),
            symbol=f"{function.name}: {each.what}",
            cure="Change it in the database with an expression, or lock the row while it is read.",
        )
