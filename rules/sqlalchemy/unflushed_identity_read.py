"""The key of a new instance is used before a flush made it, so it is still None.

## Why
A key that the database generates, or that a column default makes, is set when the session flushes.
Until then `user.id` is None: `Post(user_id=user.id)` stores no reference, and fails at the commit
when the column may not be empty. `refresh()` of an instance that was never flushed raises
`InvalidRequestError`.

## Instead
`session.flush()` before the key is read, or set the relationship (`Post(user=user)`) and let
SQLAlchemy fill in the key.

## Known limits
Only a key that is given to a column of another instance is reported, and only when the class has one
key that nothing sets in Python.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._state import unflushed_keys
from ._state_run import Seen


@rule(of=unflushed_keys, severity="error", constraint="orm")
def unflushed_identity_read(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read."""
    cls = each.cls.last
    message = (
        f"`{cls}.{each.name}` is given to `{each.why}` before a flush made it, so it is still None."
        if each.kind == "unflushed"
        else f"`refresh()` is called for a new `{cls}` that was never flushed: this raises `InvalidRequestError`."
    )
    yield Finding(
        each.at,
        message,
        related=(Evidence(each.origin, "the instance is made here"),),
        chain=each.chain,
        symbol=f"{cls}.{each.name}:{each.why}",
        cure="Call `flush()` on the session after `add(...)` and before this line.",
    )
