"""The serializer of a list reads a relation that the view's queryset does not load along.

## Why
A nested serializer, a `source="author.name"`, a method field or the keys of a relation to many rows
ask the database once for every row of the list. The view and the serializer stand in different
files, and each of them looks right.

## Instead
Add `select_related` for relations to one row and `prefetch_related` for those to many to the
queryset of the view.

## Known limits
Views that choose their serializer or list rows themselves, serializers that decide what they show,
and querysets that cannot be followed are passed over. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, rule

from ._rows import Load, list_views, loads, query_place


@rule(of=list_views, severity="warning", constraint="query", precision="B")
def serializer_query_per_row(project: Project, view: Symbol) -> Iterator[Finding]:
    """One finding a relation."""
    for each in loads(project, view):
        yield Finding(
            query_place(project, view),
            f"The list of `{view.last}` runs a query for `{each.path.replace('__', '.')}` of every row.",
            related=(Evidence(each.at, f"`{each.shape.last}.{each.field}` reads it"),),
            symbol=f"{view.name}:{each.path}",
            cure=_cure(each),
        )


def _cure(each: Load) -> str:
    method = "prefetch_related" if each.many else "select_related"
    return f'Add `{method}("{each.path}")` to the queryset.'
