"""A value is formatted into an SQL statement instead of being bound to it.

## Why
What stands in the value becomes part of the statement: a quote in a name is a syntax error, and
whoever chooses the value chooses what the database does. The database can also not reuse the plan
of a statement whose text is different each time.

## Instead
Write a placeholder and give the value beside the statement: `execute("... WHERE slug = ?",
(slug,))`, `text("... WHERE slug = :slug")` with `{"slug": slug}`, `%s` for psycopg, MySQL and
Django, `$1` for asyncpg.

## Known limits
Only places where a value is expected: in quotes, behind a comparison, in `IN (...)` and `VALUES`.
Names of tables and columns cannot be bound and are passed over, as are numbers by their
annotation, constants of all callers, migrations and tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._formatted import building, formatted
from ._sites import Place


@rule(of=building, severity="warning", constraint="query", precision="B")
def built_by_formatting(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a statement."""
    for each in formatted(project, place):
        quotes = ", in quotes of its own," if each.quoted else ""
        related = () if each.at[0] == each.call[0] else (Evidence(Location(place.path, each.call), "it is run here"),)
        yield Finding(
            Location(place.path, each.at),
            f"`{each.name}` is formatted{quotes} into the SQL statement instead of being bound to it.",
            related=related,
            symbol=f"{place.qualname}:{each.name}",
            cure="Write a placeholder there and give the value beside the statement.",
        )
