"""A session that is opened to answer a request and is never closed.

## Why
A session that has talked to the database holds a connection until it is closed, committed or
rolled back. Dropped without that, it keeps the connection until the garbage collector finds it,
and under load the pool runs dry: `QueuePool limit ... reached, connection timed out`.

## Instead
In a dependency, `yield` the session inside `with` or `try`/`finally` and close it there; elsewhere
open it with `with`.

## Known limits
Sessions of a registry (`scoped_session`), sessions that are kept on an object (other than by its
`__enter__`) or handed to other code, scripts, migrations and commands are passed over. A session
that ends with a commit or a rollback holds no connection, so it is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._open import Opened, left_open

_SAYS = {
    "returned": "returns a session that nothing closes after the request",
    "yielded": "yields a session and does not close it afterwards",
    "skipped": "closes its session after the `yield` only if the handler raises nothing",
    "dropped": "opens a session and ends without closing it",
    "kept": "ends the block and does not close the session that its start has opened",
}
_CURES = {
    "returned": "`yield` the session inside `try`/`finally` and close it there.",
    "yielded": "Open the session with `with`, or close it in a `finally` around the `yield`.",
    "skipped": "Put the `yield` into a `try` and close the session in its `finally`.",
    "dropped": "Open the session with `with`.",
    "kept": "Close the session there, whether or not the block has raised.",
}


@rule(of=left_open, severity="warning", constraint="transaction", precision="B")
def session_not_closed(project: Project, each: Opened) -> Iterator[Finding]:
    """One finding a place that opens a session."""
    evidence = []
    if each.at.at != each.session.at.at:
        evidence.append(Evidence(each.session.at, "the session is opened here"))
    user = function_facts(project, each.user) if each.user is not None and each.user != each.function else None
    if user is not None and each.user is not None:
        evidence.append(
            Evidence(
                Location(each.user.path, user.at),
                f"`{each.user.last}` {'uses' if each.how == 'kept' else 'gets'} it for each request",
            )
        )
    yield Finding(
        each.at,
        f"`{each.function.last}` {_SAYS[each.how]}.",
        related=tuple(evidence),
        symbol=each.function.name,
        cure=_CURES[each.how],
    )
