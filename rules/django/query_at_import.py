"""A query runs when a module is imported: in a class body, a default or on the top level.

## Why
A queryset is lazy until it is looped over, counted or passed to `list()`. Where that happens at
import (choices of a field, a default argument, a constant), the query runs before the tables exist:
`migrate` on an empty database and every test run fail with `no such table`, and a server that is
running never sees rows that were added later.

## Instead
Pass the queryset itself (`ModelChoiceField(queryset=...)`), a callable (`choices=make_choices`), or
query inside the function that needs the rows.

## Known limits
Only modules that the running project imports are looked at. Querysets that are not evaluated, and
queries inside `try` or under `if __name__ == "__main__"`, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._import_time import Early, early_queries


@rule(of=early_queries, severity="error", constraint="orm")
def query_at_import(project: Project, each: Early) -> Iterator[Finding]:
    """A query that nobody asked for."""
    what = each.query.what
    shown = what if what.startswith("`") or " " in what else f"`{what}`"
    yield Finding(
        each.at,
        f"{shown[0].upper()}{shown[1:]} runs a query when this module is imported.",
        (Evidence(each.imported, "the module is imported from here when the project starts"),),
        symbol=what,
    )
