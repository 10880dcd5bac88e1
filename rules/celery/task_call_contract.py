"""A Celery task is called, or written, in a way that Celery refuses or never runs.

## Why
`delay` checks the arguments against the task's parameters and raises `TypeError`; what JSON cannot hold
raises `EncodeError`; a task that is `async def` returns a coroutine that nobody awaits, so that its body
never runs; waiting for another task's result inside a task raises `RuntimeError`; and `atomic` above
the decorator of a task leaves a plain function that has no `delay`.

## Instead
Pass what the task takes, as plain values: `send.delay(user.id)`. Let an `async` body run in a plain task
by `asyncio.run`.

## Known limits
Tasks with a base class of their own, with other decorators, with arguments that are computed, and
repositories that use another serializer than JSON are left alone where that matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._calls import misuses, misusing


@rule(of=misusing, severity="error", constraint="wiring")
def task_call_contract(project: Project, path: str) -> Iterator[Finding]:
    """One finding for each task or call."""
    for each in project[misuses, path]:
        yield Finding(each.at, each.message, each.related, symbol=each.symbol, cure=each.cure)
