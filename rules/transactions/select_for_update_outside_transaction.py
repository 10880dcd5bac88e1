"""`select_for_update()` fetches rows where no transaction is open, and raises instead of locking.

## Why
A row lock lives as long as its transaction. Outside of one Django raises
`TransactionManagementError: select_for_update cannot be used outside of a transaction` on every
database that has row locks; SQLite has none, which hides it on a developer's machine.

## Instead
Open `transaction.atomic()` around the reading and the change that the lock is for.

## Known limits
Only functions that a request or a task certainly reaches without a transaction are reported:
views, methods of view classes, Celery tasks, and what these call outside of `with` blocks, up to
three calls deep. Projects that mention `ATOMIC_REQUESTS`, `AUTOCOMMIT` or transactions of their
own in a middleware are passed over, and so are functions with decorators that are not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._locking import locking, unlocked


@rule(of=locking, severity="error", constraint="transaction")
def select_for_update_outside_transaction(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a call."""
    for each in unlocked(project, function):
        through = f", which `{each.entry.name}` reaches," if each.chain else ""
        yield Finding(
            Location(function.path, each.at),
            f"`select_for_update()` in `{function.name}`{through} runs without a transaction.",
            chain=tuple(Evidence(Location(step.path, step.at), f"calls `{step.callee}`") for step in each.chain),
            symbol=function.name,
            cure="Put it and what the lock is for into `with transaction.atomic():`.",
        )
