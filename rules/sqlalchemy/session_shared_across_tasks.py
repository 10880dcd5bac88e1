"""Several tasks that run at the same time use one asynchronous session.

## Why
An `AsyncSession` is one conversation with the database over one connection. Two tasks that use it
at the same time get `InvalidRequestError: This session is provisioning a new connection;
concurrent operations are not permitted`, `IllegalStateChangeError`, or each other's rows.

## Instead
Give each task a session of its own from the session factory, or await one call after the other.

## Known limits
Looked for in `gather`, `wait`, `as_completed` and groups of tasks whose branches are functions of
the repository or methods of the session. A branch that holds a lock or a semaphore is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._session_tasks import sharings, spawning


@rule(of=spawning, severity="error", constraint="async")
def session_shared_across_tasks(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a session and group of tasks."""
    for each in sharings(project, function):
        name = each.session.lstrip("=")
        yield Finding(
            Location(function.path, each.at),
            f"The tasks of `{each.how}()` use the session `{name}` at the same time.",
            related=tuple(Evidence(leaf, f"`{callee}()` uses it here") for callee, leaf in each.uses[:4]),
            symbol=f"{function.name}: {name}",
            cure="Open a session in each task, or await the calls one after the other.",
        )
