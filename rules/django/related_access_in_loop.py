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
followed, are not looked at, nor are loops over at most ten rows. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._querysets import Place
from ._related_loops import Lazy, lazy_loads, looping
from ._related_templates import Shown, shown, template_loads

_SHOWN = 5
"""How many other places are named."""


def _loops(project: Project) -> tuple[Place | tuple[Shown, ...], ...]:
    """The functions and templates that may loop over rows."""
    return (*project[looping], *project[shown])


@rule(of=_loops, severity="warning", constraint="query", precision="B")
def related_access_in_loop(project: Project, place: Place | tuple[Shown, ...]) -> Iterator[Finding]:
    """One finding a relation of a function or template."""
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
    for first, *others in template_loads(project, pages):
        lazy = first.lazy
        reads = dict.fromkeys(
            Evidence(each.read, f"`{each.lazy.relation}` is read here for each row") for each in (first, *others)
        )
        rows = dict.fromkeys(Evidence(each.at, "the same for these rows") for each in others if each.at != first.at)
        yield Finding(
            first.at,
            f"The template `{name}` loops over these rows and runs a query for `{_named(lazy)}` of every one.",
            related=(*tuple(reads)[:_SHOWN], *tuple(rows)[:_SHOWN]),
            chain=tuple(Evidence(at, text) for at, text in lazy.chain),
            symbol=f"{first.view}:{pages[0].file}:{lazy.path}",
            cure=cure(lazy),
        )


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
    if each.again:
        return f"`{each.again}()` asks the database again: do it in a `Prefetch` with a `queryset`, or in Python."
    method = "prefetch_related" if each.many else "select_related"
    return f'Add `{method}("{each.path}")` to the query that the loop is over.'
