"""An INSERT gives more or fewer values than it names columns, or leaves out one that has to be given.

## Why
`INSERT INTO users (email, name) VALUES (?)` raises `1 values for 2 columns` whenever it runs. A
column that is NOT NULL and has no default raises an `IntegrityError` when an INSERT leaves it out.

## Instead
Give one value for each column that is named, and name every column that has to be filled.

## Known limits
Only statements that are constant are looked at. That a column has to be given is only said of a
table that exactly one `CREATE TABLE` of the repository describes, where there are no triggers.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._inserts import shapes
from ._sites import Place, executing


@rule(of=executing, severity="error", constraint="query")
def insert_shape(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a statement."""
    for each in project[shapes, place]:
        related: tuple[Evidence, ...] = ()
        if each.kind == "count":
            plural = "s" if each.values != 1 else ""
            message = (
                f"The INSERT into `{each.table}` names {each.columns} columns and gives {each.values} value{plural}."
            )
        else:
            message = f"The INSERT into `{each.table}` leaves out `{each.name}`, which is NOT NULL and has no default."
            if each.declared is not None:
                line = each.declared[1]
                related = (Evidence(Location(each.declared[0], (line, 0, line, 0)), "the table is created here"),)
        yield Finding(
            Location(place.path, each.at), message, related=related, symbol=f"{place.qualname}:{each.table}:{each.name}"
        )
