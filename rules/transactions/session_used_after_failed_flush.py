"""A failed `flush()` or `commit()` is caught without a rollback, and the session is used again.

## Why
When a flush fails, the session's transaction is over: until `rollback()`, everything that goes to
the database raises `PendingRollbackError: This Session's transaction has been rolled back due to a
previous exception during flush`. The handler looks like it deals with the error, and the next
query fails instead.

## Instead
Call `rollback()` first in the handler, or put the write into `with session.begin_nested():` inside
the `try`, so that only it is undone.

## Known limits
Only handlers for errors of the database, or for everything, are looked at, and only uses in the
same function or in functions that it calls and that are known. A call that gets the session and
cannot be followed is taken to roll it back.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._failed import catching, misuses


@rule(of=catching, severity="error", constraint="transaction")
def session_used_after_failed_flush(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a handler and session."""
    if is_aside(function.path):
        return
    for each in misuses(project, function):
        broken = each.broken
        evidence = [
            Evidence(Location(function.path, broken.flush.at), f"`{broken.flush.what}` may fail here"),
            Evidence(Location(function.path, each.use.at), f"`{each.use.what}` then raises `PendingRollbackError`"),
        ]
        yield Finding(
            Location(function.path, broken.handler),
            f"A failed `{broken.flush.what}` is not rolled back, and then `{each.use.what}` uses it again.",
            related=tuple(evidence),
            symbol=f"{function.name}: {broken.flush.what}",
            cure="Call `rollback()` on the session first in the handler.",
        )
