"""A condition, order or option is added to a statement, and the new statement is thrown away.

## Why
`where()`, `order_by()`, `limit()`, `options()` and their kin change nothing in place: they give a
new statement. `query.filter(Post.public)` on a line of its own does nothing at all. The query runs
without the condition and nothing fails: rows are shown that should not be, or in any order.

## Instead
Bind the result: `query = query.filter(Post.public)`.

## Known limits
Only what is certainly a `select()` or a query of a session is looked at, followed through the
variables of one function. A call that is all a `try` holds is passed over, and so are tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._dropped import dropped, refining
from ._statements import Place


@rule(of=refining, severity="error", constraint="query")
def statement_change_dropped(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a call."""
    for each in dropped(project, place):
        name = each.receiver if each.receiver.isidentifier() else ""
        yield Finding(
            Location(place.path, each.at),
            f"`{name or 'statement'}.{each.method}()` gives a new statement, which is dropped: it has no effect.",
            symbol=f"{place.qualname}:{name}:{each.method}",
            cure=f"Write `{name} = {name}.{each.method}(...)`." if name else "",
        )
