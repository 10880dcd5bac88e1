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


def _loops(project: Project) -> tuple[Place | Shown, ...]:
    """The functions and templates that may loop over rows."""
    return (*project[looping], *project[shown])


@rule(of=_loops, severity="warning", constraint="query", precision="B")
def related_access_in_loop(project: Project, place: Place | Shown) -> Iterator[Finding]:
    """One finding a relation of a function or template."""
    if isinstance(place, Shown):
        yield from _in_template(project, place)
        return
    for each in lazy_loads(project, place):
        yield Finding(
            Location(place.path, each.at),
            message(each),
            chain=tuple(Evidence(at, text) for at, text in each.chain),
            symbol=f"{place.qualname}:{each.path}",
            cure=cure(each),
        )


def _in_template(project: Project, page: Shown) -> Iterator[Finding]:
    for each in template_loads(project, page):
        lazy = each.lazy
        model = lazy.model.last if isinstance(lazy.model, Symbol) else lazy.model
        name = page.file.rpartition("/")[2]
        yield Finding(
            each.at,
            f"The template `{name}` loops over these rows and runs a query for `{model}.{lazy.relation}` of every one.",
            related=(Evidence(each.read, f"`{lazy.relation}` is read here for each row"),),
            chain=tuple(Evidence(at, text) for at, text in lazy.chain),
            symbol=f"{page.qualname}:{page.file}:{lazy.path}",
            cure=cure(lazy),
        )


def message(each: Lazy) -> str:
    """What happens."""
    model = each.model.last if isinstance(each.model, Symbol) else each.model
    through = f" through `{each.chain[0][1].split('`')[1]}`" if each.chain else ""
    return f"Every row of the loop runs a query of its own for `{model}.{each.relation}`{through}."


def cure(each: Lazy) -> str:
    """What to add to the query."""
    if each.again:
        return f"`{each.again}()` asks the database again: do it in a `Prefetch` with a `queryset`, or in Python."
    method = "prefetch_related" if each.many else "select_related"
    return f'Add `{method}("{each.path}")` to the query that the loop is over.'
