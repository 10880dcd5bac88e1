"""A condition, order or option is added to a queryset, and the new queryset is thrown away.

## Why
`filter()`, `exclude()`, `order_by()`, `select_related()` and their kin change nothing in place:
they give a new queryset. `orders.exclude(paid=True)` on a line of its own does nothing at all. The
query runs without the condition and nothing fails: rows are shown or changed that should not be.

## Instead
Bind the result: `orders = orders.exclude(paid=True)`.

## Known limits
Only what is known to be rows of a model is looked at, followed through variables and functions. A
call that is all a `try` holds is passed over, and so is one whose `FieldError`, `ValueError` or the
like is caught or suppressed; tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._dropped import dropped, refining
from ._querysets import Place


@rule(of=refining, severity="error", constraint="query")
def queryset_change_dropped(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a call."""
    for use, rows in dropped(project, place):
        model = rows.model.last if isinstance(rows.model, Symbol) else rows.model
        func = use.call.func
        name = func.text.rpartition(".")[0] if isinstance(func, tree.Path) else ""
        bound = name if name.isidentifier() else ""
        yield Finding(
            Location(place.path, use.call.at),
            f"`{use.method}()` gives new rows of `{model}`, which are dropped: it has no effect.",
            symbol=f"{place.qualname}:{model}:{use.method}",
            cure=f"Write `{bound} = {bound}.{use.method}(...)`." if bound else "",
        )
