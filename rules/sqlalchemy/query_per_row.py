"""A loop over the rows of a query runs another query for every row.

## Why
A list of 100 rows costs 101 round trips to the database, each of which is waited for before the
next begins. It works with the ten rows of a test and gets slower with every row.

## Instead
Ask once for all rows: join, load the relationship with `selectinload`, group with an aggregate, or
fetch everything that belongs to them with `in_` and sort it out in Python.

## Known limits
Only queries are looked at that run in every round and are about the row, in the loop itself or in
the function that it calls. Loops that write, leave early, or go through at most ten rows are passed
over, as are queries under a condition, which may be there for few rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._row_queries import looping, row_queries
from ._statements import Place


@rule(of=looping, severity="warning", constraint="query", precision="B")
def query_per_row(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a loop."""
    for each in row_queries(project, place):
        related = [Evidence(Location(place.path, each.rows), "the rows come from here")]
        if each.inside is not None:
            related.append(Evidence(Location(each.inside[0].path, each.inside[1]), "the query runs here"))
        yield Finding(
            Location(place.path, each.at),
            f"`{each.text}()` runs a query of its own for every row that the loop goes through.",
            related=tuple(related),
            symbol=f"{place.qualname}:{each.text}",
        )
