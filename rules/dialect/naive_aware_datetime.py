"""A time with a zone is given to a column without one, which asyncpg refuses.

## Why
`DateTime` stands for `TIMESTAMP WITHOUT TIME ZONE`. asyncpg subtracts its own naive epoch from the
value and raises `DataError: can't subtract offset-naive and offset-aware datetimes`, so the insert,
update or query fails. SQLite and psycopg take both, so tests with them do not show it.

## Instead
Declare the column with `DateTime(timezone=True)` (and migrate it), or give it a time without a
zone: `datetime.now(timezone.utc).replace(tzinfo=None)`.

## Known limits
Only where a URL of the repository names asyncpg and no other driver of asyncio, and the type of
the column is written out or an annotation of `datetime` alone. The other way round, a naive time
for a column with a zone, is not reported: asyncpg takes it for local time. This was read in
asyncpg's encoders (`timestamp_encode`, `timestamptz_encode`), and cannot be run on SQLite.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._times import Mixed, Place, holding, mixed

_HOW = {
    "default": "has a default with a time zone",
    "given": "is given a time with a zone",
    "compared": "is compared with a time that has a zone",
}


@rule(of=holding, severity="warning", constraint="schema", precision="B")
def naive_aware_datetime(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a value."""
    for each in project[mixed, place]:
        yield _finding(place, each)


def _finding(place: Place, each: Mixed) -> Finding:
    column = f"{each.column.owner.last}.{each.column.name}"
    declared = Location(each.column.path, each.column.at)
    related = (Evidence(declared, "the column, without `timezone=True`"),) if each.how != "default" else ()
    return Finding(
        Location(place.path, each.at) if each.how != "default" else declared,
        f"`{column}` {_HOW[each.how]}, and asyncpg refuses that for a `DateTime` without one.",
        related=related,
        symbol=f"{place.qualname}:{column}:{each.how}",
        cure=f"Declare `{column}` with `DateTime(timezone=True)`, or drop the zone with `.replace(tzinfo=None)`.",
    )
