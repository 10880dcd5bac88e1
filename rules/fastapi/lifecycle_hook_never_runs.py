"""A hook for the start or end of the application is registered where nothing runs it.

## Why
An application with `lifespan=` runs that and nothing else: functions under `on_event("startup")`
are registered and never called. A mounted application gets requests, but the server tells only the
outermost one that it starts, so the `lifespan` of the inner one does not run. The connection pool
that it was to open is missing at the first request.

## Instead
Move the code of the hooks into the `lifespan`. Enter the one of a mounted application in that of
its parent: `async with inner.router.lifespan_context(inner): yield`.

## Known limits
Applications that one call makes and a variable holds, and lifespans that are named so and that
nothing mentions. Nothing is said of mounted applications when
some code enters a lifespan itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._lifecycle import Idle, idle

_CURES = {"lifespan": "Move its code into the `lifespan`.", "unused": "Write `FastAPI(lifespan={name})`."}


@rule(of=idle, severity="error", constraint="startup")
def lifecycle_hook_never_runs(project: Project, each: Idle) -> Iterator[Finding]:
    """One finding a hook or mount."""
    if each.kind == "lifespan":
        message = f"The `{each.name}` hook never runs: the application is made with `lifespan=`, which replaces hooks."
        evidence = "the lifespan that is run in its place"
    elif each.kind == "unused":
        message = f"The application is made without a lifespan, and `{each.name}()`, which is one, never runs."
        evidence = "nothing mentions this lifespan"
    else:
        message = f"The lifespan of `{each.name}` never runs: a mounted application is not told that the server starts."
        evidence = "this lifespan"
    yield Finding(
        Location(each.path, each.at),
        message,
        related=(Evidence(Location(*each.origin), evidence),),
        symbol=f"{each.kind}: {each.name}",
        cure=_CURES.get(each.kind, "").format(name=each.name),
    )
