"""Aggregates over two relations to many rows in one query multiply each other.

## Why
`annotate(books=Count("books"), prizes=Count("prizes"))` joins both relations, so every book is
counted once for each prize: an author with three books and two prizes gets six of both. The
numbers are wrong only for rows with several of each, which tests rarely have.

## Instead
Say `distinct=True` in each `Count`. `Sum` and `Avg` need a `Subquery`, or a query of their own,
since `distinct=True` drops equal values there.

## Known limits
Querysets that are built over several functions are compared only within one of them. `Max` and
`Min` are not changed by repeated rows and are never reported, nor is an `Avg` whose rows are all
repeated equally often. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._query_joins import Product, products
from ._query_uses import querying
from ._querysets_events import Place


@rule(of=querying, severity="warning", constraint="query")
def multi_join_aggregate(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a query."""
    for each in products(project, place):
        model = each.model.last if isinstance(each.model, Symbol) else each.model
        how = f"takes every row once for each of `{each.second}`"
        yield Finding(
            Location(place.path, each.at),
            f"`{each.function}` over `{each.first}` of `{model}` {'drops equal values' if each.distinct else how}.",
            symbol=f"{place.qualname}:{model}:{each.first}:{each.second}",
            cure=_cure(each),
        )


def _cure(each: Product) -> str:
    if each.function == "Count":
        return "Pass `distinct=True`."
    return f"Compute the `{each.function}` in a `Subquery`, or in a query of its own."
