"""A connection or cursor is used after it was closed, or leaves the `with` block that closes it.

## Why
When the block ends, the connection is closed or belongs to the pool again. Whoever got it gets
`ValueError: no active connection`, `ResourceClosedError: This Connection is closed` or
`InterfaceError: cannot call ... connection has been released back to the pool`. A cursor of sqlite3,
aiosqlite or psycopg2 ends with its connection: rows that were not fetched by then are lost.

## Instead
Use the connection, and fetch its rows, before it is closed. To hand it on, write a context manager
or a dependency that yields it.

## Known limits
Connections of SQLAlchemy engines, asyncpg, psycopg, aiosqlite, sqlite3 and pools that are named so.
Inside one function, and only where every way that leads to the use comes from where it was closed.
Sessions may be used again after they are closed and are not meant here.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._releases import Escape, acquiring, escapes

_CURES = {
    "twice": "Leave out the `await`.",
    "used": "Use the connection, and fetch its rows, inside the block.",
    "closed": "Close it after its last use.",
}


@rule(of=acquiring, severity="error", constraint="async")
def used_after_release(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a way out of the block."""
    for each in escapes(project, function):
        phrase = "it is closed here" if each.how == "closed" else "this block gives the connection back"
        related = (Evidence(Location(function.path, each.block), phrase),)
        yield Finding(
            Location(function.path, each.at),
            _says(each),
            related=() if each.how == "twice" else related,
            symbol=f"{function.name}: {each.how} {each.name or each.what}",
            cure=_CURES.get(each.how, "Use the connection inside the block, or yield it."),
        )


def _says(each: Escape) -> str:
    if each.how == "returned":
        return f"`{each.function.last}` returns `{each.name}` out of the block that closes it."
    if each.how == "stored":
        return f"`{each.what}` keeps `{each.name}`, which is closed as soon as the block ends."
    if each.how == "twice":
        return f"The connection of `{each.what}` is started twice, by `await` and by the block."
    if each.how == "closed":
        return f"`{each.what}` is reached when `{each.name}` is already closed."
    return f"`{each.what}` uses the connection after the block that closes it."
