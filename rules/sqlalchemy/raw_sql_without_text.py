"""SQL is given to a session or connection as a plain string, which SQLAlchemy 2 refuses.

## Why
Since 2.0 `execute()`, `scalar()`, `scalars()` and `stream()` take statements only. For a string
they raise `ArgumentError: Textual SQL expression should be explicitly declared as text(...)` or
`ObjectNotExecutableError` each time the line runs.

## Instead
Say that it is SQL: `session.execute(text("SELECT 1"))`, with values as parameters:
`session.execute(text("... WHERE id = :id"), {"id": key})`. On a connection,
`exec_driver_sql("...")` hands a string to the driver as it is.

## Known limits
Nothing is said for SQLAlchemy 1.x, when it is not certain that the object is a session or
connection of SQLAlchemy, or when the argument may be something other than a string.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._raw import executing, raw
from ._statements import Place


@rule(of=executing, severity="error", constraint="query")
def raw_sql_without_text(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a string."""
    for each in raw(project, place):
        if is_aside(each.path):
            continue
        related: tuple[Evidence, ...] = ()
        message = f"A plain string is given to `{each.method}()`, which only takes statements."
        if each.through is not None:
            message = f"A plain string is given to `{each.name}()`, which executes it as a statement."
            related = (Evidence(Location(*each.through), "executed here"),)
        yield Finding(
            Location(each.path, each.at),
            message,
            related=related,
            symbol=f"{each.scope}:{each.method}",
            cure="Wrap it in `text(...)`, imported from `sqlalchemy`.",
        )
