"""An attribute of a mapped class is read of a row that holds the instance.

## Why
`session.execute(select(User))` gives rows: tuples whose first item is the `User`. `row.name` raises
`AttributeError`, since a row has the attributes `User`, `count` and `index` only.

## Instead
`session.scalars(select(User))`, or `.scalars()` on the result, gives the instances themselves. Of a
row that is there already, take `row.User` or `row[0]`.

## Known limits
A row is followed through assignments, loops and calls of functions whose code is known. Rows with
columns besides whole classes are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._state import misread_rows
from ._state_run import Seen


@rule(of=misread_rows, severity="error", constraint="query")
def row_used_as_entity(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read."""
    cls = each.cls.last
    related = () if each.origin == each.at else (Evidence(each.origin, "the statement selects whole instances"),)
    yield Finding(
        each.at,
        f"`{each.name}` is read of a row of `{each.how}`, and not of the `{cls}` in it: this raises `AttributeError`.",
        related=related,
        chain=each.chain,
        symbol=f"{cls}.{each.name}",
        cure=f"Take the instances with `.scalars()` where the statement is executed, or read `row.{cls}.{each.name}`.",
    )
