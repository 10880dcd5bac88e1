"""Writes that belong together are committed one by one: when the second fails, the first stays.

## Why
Each commit makes what was written before it lasting, and so does Django with each write. When
what follows fails, by a constraint of the database, a refusal of the code or a lost connection,
the request answers with an error and half of its work stays: an order without its lines.

## Instead
Let the functions that write only flush, which fills in keys as well, and commit once, in the
function that knows when the work is complete. With Django open `transaction.atomic()` around it.

## Known limits
Only where the second piece needs the row of the first, or may refuse by a `raise`. Rows whose
model is named after a log, audit, event, history, activity, notification, metric, statistic,
trace, outbox, session, token, cache, attempt, login or visit are taken to be meant apart, and
so are loops, files and functions named after scripts, commands, migrations, seeds, fixtures,
demos, `populate`, jobs, tasks and workers, rows that are made only when they are missing, work
with a request to somebody else in between, and code that takes care of the first piece when
the second fails. With Django only what a request runs, outside `ATOMIC_REQUESTS` and every
`atomic()`, with a refusal, a lookup or a loop in between.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._split import Split, splits
from ._units import Unit


@rule(of=splits, severity="warning", constraint="transaction")
def split_unit_of_work(project: Project, each: Split) -> Iterator[Finding]:
    """One finding a function."""
    path, first, second = each.function.path, each.first, each.second
    evidence = []
    if first.leaf != Location(path, first.at):
        evidence.append(Evidence(first.leaf, "this makes the first piece lasting"))
    why = "needs the row that the first has written" if each.by == "key" else "may refuse with an exception"
    evidence.append(Evidence(Location(path, second.at), f"the second piece {why}"))
    if second.leaf != Location(path, second.at):
        evidence.append(Evidence(second.leaf, "and is made lasting by itself here"))
    how = "is saved" if first.at_once else "is committed"
    mend = "Open one transaction around both" if first.at_once else "Flush where rows are written and commit once"
    yield Finding(
        Location(path, first.at),
        f"{_told(first)} {how} before {_writing(second)}: when that fails, half of `{each.function.last}` stays.",
        related=tuple(evidence),
        symbol=f"{each.function.name}: {first.what}",
        cure=f"{mend}, in `{each.function.last}`.",
    )


def _told(unit: Unit) -> str:
    """What a unit writes, as one would speak of it."""
    return f"`{_model(unit)}`" if _model(unit) else f"what `{unit.what}` writes"


def _writing(unit: Unit) -> str:
    return f"`{_model(unit)}` is written" if _model(unit) else f"`{unit.what}` writes"


def _model(unit: Unit) -> str:
    """The model of what is written, `""` when only what writes it is known."""
    model = next((row.of for row in unit.rows if row.of[:1].isupper()), "")
    return "" if model.endswith(("Repository", "Service")) else model
