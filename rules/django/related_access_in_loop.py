"""A loop over rows loads a relation of each row with a query of its own.

## Why
`for book in books: book.author.name` runs one query for the books and one more for every book:
invisible with the three rows of a test, seconds with the thousands of production. The loop and the
query often stand in different files, so that both look right.

## Instead
Load the relation with the rows: `select_related("author")` for relations to one row,
`prefetch_related("tags")` for those to many, or count in the database with `annotate`. When only
the key is needed, read `author_id`.

## Known limits
Querysets that are given to a function from outside, or that come from places that cannot be
followed, are not looked at, nor are loops over at most ten rows, and what a loop does for one row
only, on its way out or in its first or last round. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._querysets import Place
from ._related_loops import QUERY, Lazy, lazy_loads, looping
from ._related_templates import Loaded, said_before, template_loads
from ._related_views import Shown, shown

_SHOWN = 5
"""How many other places are named."""


def _loops(project: Project) -> tuple[Place | tuple[Shown, ...], ...]:
    """The functions and templates that may loop over rows."""
    return (*project[looping], *project[shown])


@rule(of=_loops, severity="warning", constraint="query", precision="B")
def related_access_in_loop(project: Project, place: Place | tuple[Shown, ...]) -> Iterator[Finding]:
    """One finding a relation of a function, and one for all that a template reads of the same rows."""
    if not isinstance(place, Place):
        yield from _in_template(project, place)
        return
    for first, *others in lazy_loads(project, place):
        yield Finding(
            Location(place.path, first.at),
            message(first),
            related=tuple(Evidence(Location(place.path, each.at), _again(each)) for each in others[:_SHOWN]),
            chain=tuple(Evidence(at, text) for at, text in first.chain),
            symbol=f"{place.qualname}:{first.path}",
            cure=cure(first),
        )


def _in_template(project: Project, pages: tuple[Shown, ...]) -> Iterator[Finding]:
    name = pages[0].file.rpartition("/")[2]
    by_query: dict[Location, list[tuple[Loaded, ...]]] = {}
    for places in template_loads(project, pages):
        by_query.setdefault(places[0].at, []).append(places)
    for at, found in by_query.items():
        first = found[0][0]
        if said_before(project, pages, first):
            continue
        reads = dict.fromkeys(
            Evidence(each.read, f"`{each.lazy.relation}` is read here for each row")
            for places in found
            for each in places
        )
        rows = dict.fromkeys(
            Evidence(each.at, "the same for these rows") for places in found for each in places if each.at != at
        )
        named = f"`{_named(first.lazy)}`" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        yield Finding(
            at,
            f"The template `{name}` loops over these rows and runs a query for {named} of every one.",
            related=(*tuple(reads)[:_SHOWN], *tuple(rows)[:_SHOWN]),
            chain=tuple(Evidence(at, text) for at, text in first.lazy.chain),
            symbol=f"{first.view}:{pages[0].file}:{first.lazy.path}",
            cure=_cures([places[0].lazy for places in found]),
        )


def _cures(found: list[Lazy]) -> str:
    """What to add to the query for all of these relations."""
    first = found[0]
    alike = [each for each in found if each.many == first.many and not each.again and each.relation != QUERY]
    if first.again or first.relation == QUERY or len(alike) < 2:
        return cure(first)
    method = "prefetch_related" if first.many else "select_related"
    paths = ", ".join(f'"{each.path}"' for each in alike)
    return f"Add `{method}({paths})` to the query that the loop is over."


def _named(each: Lazy) -> str:
    model = each.model.last if isinstance(each.model, Symbol) else each.model
    return f"{model}.{each.relation}"


def _again(each: Lazy) -> str:
    return f"`{_named(each)}` is loaded here as well"


def message(each: Lazy) -> str:
    """What happens."""
    through = f" through `{each.chain[0][1].split('`')[1]}`" if each.chain else ""
    return f"Every row of the loop runs a query of its own for `{_named(each)}`{through}."


def cure(each: Lazy) -> str:
    """What to add to the query."""
    if each.relation == QUERY:
        return "Ask for all of them once before the loop, or let the database work it out with `annotate()`."
    if each.again:
        return f"`{each.again}()` asks the database again: do it in a `Prefetch` with a `queryset`, or in Python."
    method = "prefetch_related" if each.many else "select_related"
    return f'Add `{method}("{each.path}")` to the query that the loop is over.'
