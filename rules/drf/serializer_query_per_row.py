"""The serializer of a list reads a relation that the view's queryset does not load along.

## Why
A nested serializer, a `source="author.name"`, a method field or the keys of a relation to many rows
ask the database once for every row of the list. The view and the serializer stand in different
files, and each of them looks right.

## Instead
Add `select_related` for relations to one row and `prefetch_related` for those to many to the
queryset of the view.

## Known limits
Serializers that decide what they show, querysets that cannot be followed or that are given to a
function from outside, and lists whose filter or paginator loads relations are passed over, and so are
viewsets whose `as_view({...})` never names `list`. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.entities import Showing
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._chosen import chosen_shape
from ._handed import loads_handed, showing
from ._rows import Load, first_of_query, list_views, loads, query_place


def _lists(project: Project) -> tuple[Symbol | Showing, ...]:
    """The views that list rows, and the functions that give rows to a serializer."""
    shown = project[showing]
    views = first_of_query(project, tuple(each.view for each in shown if each.view is not None))
    return (
        *first_of_query(project, project[list_views]),
        *[each for each in shown if each.view is None or each.view in views],
    )


@rule(of=_lists, severity="warning", constraint="query", precision="B")
def serializer_query_per_row(project: Project, each: Symbol | Showing) -> Iterator[Finding]:
    """One finding for the query of a view or function, with all relations that it leaves out."""
    if isinstance(each, Symbol):
        shape = chosen_shape(project, each, "list")
        found = loads(project, each, shape) if shape is not None else ()
        if found:
            yield _finding(query_place(project, each), each.last, each.name, found)
        return
    owner = each.view if each.view is not None else each.function
    by_place: dict[Location, list[Load]] = {}
    for place, load in loads_handed(project, each):
        by_place.setdefault(place, []).append(load)
    for place, several in by_place.items():
        if not _is_told(project, each, place, several):
            yield _finding(place, owner.last, f"{owner.name}:{each.function.name}", tuple(several))


def _is_told(project: Project, each: Showing, place: Location, several: list[Load]) -> bool:
    """Whether the list of the view itself runs these queries, of the same rows."""
    view = each.view
    if view is None or view not in project[list_views] or place != query_place(project, view):
        return False
    shape = chosen_shape(project, view, "list")
    told = {load.path for load in loads(project, view, shape)} if shape is not None else set()
    return {load.path for load in several} <= told


def _finding(place: Location, name: str, symbol: str, found: tuple[Load, ...]) -> Finding:
    first = found[0]
    several = f"queries for `{_dotted(first)}` and {len(found) - 1} more" if len(found) > 1 else ""
    return Finding(
        place,
        f"The list of `{name}` runs {several or f'a query for `{_dotted(first)}`'} of every row.",
        related=tuple(Evidence(load.at, f"`{load.shape.last}.{load.field}` reads `{_dotted(load)}`") for load in found),
        symbol=f"{symbol}:{first.path}",
        cure=_cure(found),
    )


def _dotted(load: Load) -> str:
    return load.path.replace("__", ".")


def _cure(found: tuple[Load, ...]) -> str:
    own = [load for load in found if not load.path.endswith(".objects")]
    calls = []
    for method, many in (("select_related", False), ("prefetch_related", True)):
        paths = ", ".join(f'"{load.path}"' for load in own if load.many == many)
        if paths:
            calls.append(f"`{method}({paths})`")
    if not calls:
        return "Ask for all of them once, or let the database work it out with `annotate()`."
    return f"Add {' and '.join(calls)} to the queryset."
