"""The placeholders of a statement are not those of its driver, or not as many as the values given.

## Why
Each driver has its own placeholders: `$1` in asyncpg, `?` in sqlite3, `%s` in psycopg and MySQL,
`:name` in SQLAlchemy's `text()`. With others, or with more or fewer values than placeholders,
every call raises: `syntax error at or near "%"`, `Incorrect number of bindings supplied`, `A value
is required for bind parameter`.

## Instead
Write the placeholders of the driver, without quotes around them, and give one value for each.

## Known limits
Only statements that are constant, for a driver that is known, are looked at; the values are
counted where they are written out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._placeholders import Fault, faults
from ._sites import Place, executing


@rule(of=executing, severity="error", constraint="query")
def placeholder_mismatch(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a statement."""
    for each in project[faults, place]:
        message = _message(each)
        yield Finding(Location(place.path, each.at), message, symbol=f"{place.qualname}:{each.kind}:{each.found}")


def _message(each: Fault) -> str:
    if each.kind == "style":
        return f"The statement is written with `{each.found}`, and its driver takes `{each.wanted}`."
    if each.kind == "gap":
        return f"The statement has `{each.found}` and no `{each.wanted}`."
    if each.kind == "bare":
        return f"The values are a bare `{each.found}` and no tuple: write `(value,)`, with the comma."
    if each.kind == "missing":
        return f"The statement has a placeholder `{each.found}`, for which no value is given."
    return f"The statement has {each.found} and is given {each.wanted}."
