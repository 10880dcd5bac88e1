"""A database error is caught inside `atomic()` and the same transaction then goes on with queries.

## Why
After a database error the transaction is broken: Django refuses every further query until the
end of the block with `TransactionManagementError: An error occurred in the current transaction`.
The handler looks like it deals with the error, and the next query fails instead.

## Instead
Put the statement that may fail into an `atomic()` of its own inside the `try`: it is a savepoint
that is rolled back alone. Or catch the error around the whole outer block.

## Known limits
Only handlers that name a database error of Django are looked at, and only writes and queries
whose model or manager is known. A function that calls `set_rollback` or looks at the state of
the transaction is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._caught import caught, next_query
from ._reach import transacting
from ._telling import origin_of


@rule(of=transacting, severity="error", constraint="transaction")
def db_error_caught_inside_atomic(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a handler."""
    for each in caught(project, function) if not is_aside(function.path) else ():
        following = next_query(project, each) if each.error and not each.broad else None
        if following is None:
            continue
        write, query = each.writes[0], following
        again = query == write
        then = f"`{query[0]}()` runs again in the loop" if again else f"`{query[0]}()` runs in the same transaction"
        evidence = [Evidence(Location(function.path, write[1]), f"`{write[0]}()` may fail here")]
        if not again:
            evidence.append(Evidence(Location(function.path, query[1]), "this query cannot run any more"))
        yield Finding(
            Location(function.path, each.handler.at),
            f"`{each.error}` of `{write[0]}()` is caught inside `{each.transaction.how}`, and then {then}.",
            related=(*evidence, *origin_of(each.transaction)),
            symbol=f"{function.name}: {each.error}",
            cure=f"Wrap `{write[0]}()` in a `transaction.atomic()` of its own inside the `try`.",
        )
