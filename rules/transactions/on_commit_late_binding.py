"""A callback for after the commit reads a variable that has another value by the time it runs.

## Why
`on_commit()` keeps the function and calls it when the outermost transaction has committed. A
lambda looks its names up then: in a loop every callback sees the last item, so the same mail goes
out three times and two are never sent.

## Instead
Bind the value at once: `on_commit(partial(notify, item.pk))`, or a default such as
`lambda pk=item.pk: notify(pk)`.

## Known limits
Only where a transaction is seen around the loop: in the same function, in a caller of it, or by
the setting for requests. Without one the callback runs at once and nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._late import deferring, late


@rule(of=deferring, severity="error", constraint="transaction")
def on_commit_late_binding(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a callback and name."""
    for each in late(project, function):
        when = "every round of the loop binds it again" if each.loop else "it is bound again here"
        yield Finding(
            Location(function.path, each.callback),
            f"The callback reads `{each.name}` after the commit, when it no longer has this value.",
            related=(Evidence(Location(function.path, each.rebound), when),),
            symbol=f"{function.name}: {each.name}",
            cure=f"Bind the value now, with `partial(...)` or `lambda {each.name}={each.name}: ...`.",
        )
