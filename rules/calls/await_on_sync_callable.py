"""The result of a plain function is awaited.

## Why
`await` works on coroutines, tasks and futures. On anything else it raises TypeError, after the
call itself has run: `object int can't be used in 'await' expression`.

## Instead
Call it without `await`, or make the function an `async def`.

## Known limits
Only calls are reported whose target is certain: a plain `def` of the repository of which every
`return` gives a value that is written there or made by a class of the repository that cannot be
awaited, with every override below the class alike; and methods of the results of SQLAlchemy's
asynchronous sessions and of httpx's responses. Annotations are not believed: what a function
returns is read from its body. Calls in tests are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._awaits import awaiting, plain_awaits


@rule(of=awaiting, severity="error", constraint="async", precision="A")
def await_on_sync_callable(project: Project, function: Symbol) -> Iterator[Finding]:
    """Awaits of calls that give their result at once."""
    for found in plain_awaits(project, function):
        target = function_facts(project, found.target)
        yield Finding(
            Location(function.path, found.node.at),
            f"`{found.name}()` gives its result at once, so awaiting it raises TypeError.",
            related=(Evidence(Location(found.target.path, target.at), f"`{target.name}` is a plain `def`"),)
            if target
            else (),
            symbol=f"{function.name or '<module>'}: {found.name}",
            cure=f"Write `{found.name}(...)` without `await`.",
        )
