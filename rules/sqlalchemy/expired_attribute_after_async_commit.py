"""An attribute is read of an instance after its async session has expired it.

## Why
`commit()` expires every instance of a session unless `expire_on_commit=False`, and `rollback()`
always does. The next read of any attribute asks the database, which an `AsyncSession` cannot do
without `await`: it raises `MissingGreenlet`. Returning the instance from an endpoint reads it too.

## Instead
Make sessions with `async_sessionmaker(engine, expire_on_commit=False)`, or `await
session.refresh(user)` after the commit, or read what is needed before it.

## Known limits
After a commit, it is reported only when every session of the repository is seen to expire.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._state import expired_reads
from ._state_run import Seen
from ._state_telling import evidence


@rule(of=expired_reads, severity="error", constraint="async")
def expired_attribute_after_async_commit(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read."""
    name = f"{each.cls.last}.{each.name}"
    how = "is read by the response" if each.response else "is read"
    yield Finding(
        each.at,
        f"`{name}` {how} after `{each.why}()` expired the instance of an async session: this raises `MissingGreenlet`.",
        related=evidence(project, each, "the instance comes from here"),
        chain=each.chain,
        symbol=f"{name}:{each.why}",
        cure="Add `expire_on_commit=False` where sessions are made, or `await session.refresh(...)` after the commit."
        if each.why == "commit"
        else "Read it before the rollback, or load the instance again after it.",
    )
