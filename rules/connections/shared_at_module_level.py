"""One asynchronous session on module level serves all requests.

## Why
Requests run at the same time in one process. The first one that waits for the database lets the
next one in, which finds the session busy: `concurrent operations are not permitted`, `another
operation is in progress`. And what one request has not committed, another commits or rolls back.

## Instead
Make a session for each request, from a session factory in a dependency.

## Known limits
Only sessions that a module makes once and that coroutines use by its name. A registry
(`async_scoped_session`) and code that holds a lock are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._module_level import Shared, shared


@rule(of=shared, severity="error", constraint="async", precision="B")
def shared_at_module_level(project: Project, each: Shared) -> Iterator[Finding]:
    """One finding a session."""
    yield Finding(
        Location(each.path, each.at),
        f"The session `{each.name}` is made once and used by all requests at the same time.",
        related=tuple(Evidence(Location(user.path, at), f"`{user.last}` waits on it") for user, at in each.users),
        symbol=each.name,
        cure="Make a session factory here, and a session of it for each request.",
    )
