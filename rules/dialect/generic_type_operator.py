"""An operator of PostgreSQL's own types is used on a column of SQLAlchemy's generic type.

## Why
The generic `ARRAY` and `JSON` only have what every database can do: `contains()` on the generic
array raises `NotImplementedError`, `overlap()`, `has_key()` and `astext` raise `AttributeError`,
on PostgreSQL too. A variant does not help: the first type decides.

## Instead
Declare the column with the type of the dialect: `from sqlalchemy.dialects.postgresql import
ARRAY, JSONB`. On a generic array `any()` works: `Article.tags.any("python")`.

## Known limits
Only columns of classes that are named directly are looked at; types of one's own are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._columns import Place, misused, using


@rule(of=using, severity="error", constraint="query")
def generic_type_operator(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a use."""
    for each in misused(project, place):
        column = f"{each.column.owner.last}.{each.column.name}"
        operator = "astext" if each.operator == "astext" else f"{each.operator}()"
        better = "ARRAY" if each.column.kind == "ARRAY" else "JSONB"
        yield Finding(
            Location(place.path, each.at),
            f"`{column}` has the generic type `{each.column.kind}`, on which `{operator}` does not work.",
            related=(
                Evidence(Location(each.column.path, each.column.at), f"declared with the generic `{each.column.kind}`"),
            ),
            symbol=f"{place.qualname}:{column}:{each.operator}",
            cure=f"Declare the column with `sqlalchemy.dialects.postgresql.{better}`.",
        )
