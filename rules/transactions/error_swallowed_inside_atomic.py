"""Every error is caught inside `atomic()` after a write, so that a part of the work is committed.

## Why
`atomic()` rolls back when an exception leaves the block. A handler for every exception inside it
keeps the exception from leaving: what was written before the error is committed, what should have
followed is missing, and nobody is told. After an error of the database itself nothing is committed, and
nobody is told of that either.

## Instead
Let the error leave the block and catch it outside, put what may fail into an `atomic()` of its
own inside the `try`, or call `transaction.set_rollback(True)` in the handler.

## Known limits
Only handlers of `Exception`, `BaseException` or everything are looked at, and only writes whose
model or manager is known. A handler that raises, or calls something that does, is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._caught import caught, earlier_write
from ._reach import transacting
from ._telling import origin_of


@rule(of=transacting, severity="warning", constraint="transaction")
def error_swallowed_inside_atomic(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a handler."""
    for each in caught(project, function) if not is_aside(function.path) else ():
        earlier = earlier_write(project, each) if each.broad else None
        if earlier is None:
            continue
        write = each.writes[0] if each.writes[0] != earlier else each.writes[1]
        what = f"`except {each.error}`" if each.error else "A bare `except`"
        yield Finding(
            Location(function.path, each.handler.at),
            f"{what} swallows errors of the work around `{write[0]}()` inside `{each.transaction.how}`, "
            "which is then committed in part.",
            related=(
                Evidence(Location(function.path, earlier[1]), "this was written before"),
                Evidence(Location(function.path, write[1]), "this may fail"),
                *origin_of(each.transaction),
            ),
            symbol=f"{function.name}: {each.error}",
            cure="Catch the error outside the transaction, or call `transaction.set_rollback(True)` in the handler.",
        )
