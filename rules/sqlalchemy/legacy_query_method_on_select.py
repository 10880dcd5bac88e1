"""A `select()` statement is used like a query: it has no `all()`, `first()` or `get()`.

## Why
`select()` only describes a query. `select(User).all()` raises
`AttributeError: 'Select' object has no attribute 'all'` when the line runs: the statement has to
be executed by a session first.

## Instead
Give the statement to the session and ask its result: `session.scalars(statement).all()`, or
`session.execute(statement).first()`; with an async session, `await` that first.

## Known limits
Only statements that certainly come from `select()` are looked at: built in the same function,
returned by a function or annotated as `Select`. Subclasses of `Select` are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Finding, Location, rule

from ._selects import candidates, misplaced
from ._statements import Place

_SCALARS = frozenset({"all", "first", "one", "one_or_none"})


@rule(of=candidates, severity="error", constraint="query")
def legacy_query_method_on_select(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a call."""
    if is_aside(place.path):
        return
    for each in misplaced(project, place):
        what = f"`{each.receiver}` is a `select()` statement" if each.receiver else "This is a `select()` statement"
        statement = each.receiver or "statement"
        cure = f"Write `session.scalars({statement}).{each.method}()`." if each.method in _SCALARS else ""
        yield Finding(
            Location(place.path, each.at),
            f"{what}, which has no method `{each.method}()`.",
            symbol=f"{place.qualname}:{each.method}",
            cure=cure,
        )
