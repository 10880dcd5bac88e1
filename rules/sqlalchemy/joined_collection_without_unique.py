"""A result that is joined with a collection is consumed without `unique()`.

## Why
`joinedload` of a collection repeats the row of the parent for every child. SQLAlchemy refuses to
give such rows out as they are: `all()`, `one()`, `scalar_one_or_none()` and loops raise
`InvalidRequestError` unless `unique()` was called on the result.

## Instead
`session.scalars(statement).unique().all()`, or load the collection with `selectinload`.

## Known limits
Legacy `Query` makes its instances unique itself, and so do `first()` and `session.scalar()` not
complain; neither is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._state import repeated_rows
from ._state_run import Seen


@rule(of=repeated_rows, severity="error", constraint="query")
def joined_collection_without_unique(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a result."""
    how = '`lazy="joined"` of the mapper' if each.why else "`joinedload`"
    related = () if each.origin == each.at else (Evidence(each.origin, "the statement is made here"),)
    yield Finding(
        each.at,
        f"The rows are joined with the collection `{each.name}` by {how}, and taken without `unique()`: "
        "this raises `InvalidRequestError`.",
        related=related,
        chain=each.chain,
        symbol=each.name,
        cure="Call `.unique()` on the result before its rows are taken, or load the collection with `selectinload`.",
    )
