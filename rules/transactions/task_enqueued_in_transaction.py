"""A background task is put into its queue before the transaction that makes its data commits.

## Why
The worker may start at once, and does not see rows of a transaction that is still open: it
fails with DoesNotExist or works on the old values, now and then, under load. If the transaction
is rolled back in the end, the task runs all the same, for rows that never were.

## Instead
Enqueue after the commit: `transaction.on_commit(partial(task.delay, pk))` or
`task.delay_on_commit(pk)` in Django, after `session.commit()` or behind the block elsewhere.

## Known limits
Known are the tasks of Celery, RQ, Dramatiq and arq, enqueued directly or through functions of
the repository, up to eight calls deep. A task that is given nothing but constants takes no data
from the transaction, and one with `countdown` or `eta` is meant to start later: both are left
alone, and so is every Celery task where the repository has a task class that waits for the
commit itself. A transaction that is not seen to change rows on the way to the task or after it
has nothing that the worker could miss, and which database `using=` means must be written there.
With a session, the write and the commit must stand in one block with nothing in between that may
end the transaction. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._reach import leaks, transacting
from ._tasks import waits_for_commit
from ._telling import chain_of, origin_of, until_commit, written
from ._writes import is_written_on_the_way

_REGIONS = frozenset({"block", "function", "session"})


@rule(of=transacting, severity="error", constraint="transaction", precision="A")
def task_enqueued_in_transaction(project: Project, function: Symbol) -> Iterator[Finding]:
    """Calls in a transaction through which a task is enqueued."""
    for transaction, at, reached in leaks(project, function, frozenset({"enqueue"}), _REGIONS):
        if transaction.database is None or waits_for_commit(project, reached.name):
            continue
        if not is_written_on_the_way(project, transaction, at):
            continue
        task = written(reached.call.func)
        through = f", through `{reached.chain[0].callee}`" if len(reached.chain) > 1 else ""
        yield Finding(
            Location(function.path, at),
            f"`{task}()` enqueues a task before {until_commit(transaction)}{through}.",
            related=origin_of(transaction),
            chain=chain_of(reached),
            symbol=f"{function.name}: {task}",
            cure=f"Enqueue it after {until_commit(transaction).replace('commits', 'has committed')}.",
        )
