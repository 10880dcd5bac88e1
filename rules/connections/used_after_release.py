"""A connection leaves the `with` block that closes it, or gives it back to the pool.

## Why
When the block ends, the connection is closed or belongs to the pool again. Whoever got it gets
`ValueError: no active connection`, `ResourceClosedError: This Connection is closed` or
`InterfaceError: cannot call ... connection has been released back to the pool`.

## Instead
Use the connection inside the block. To hand it on, write a context manager or a dependency that
yields it.

## Known limits
Connections of SQLAlchemy engines, asyncpg, psycopg 3, aiosqlite and pools that are named so.
Sessions may be used again after they are closed and are not meant here.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._releases import Escape, acquiring, escapes


@rule(of=acquiring, severity="error", constraint="async")
def used_after_release(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a way out of the block."""
    for each in escapes(project, function):
        related = (Evidence(Location(function.path, each.block), "this block gives the connection back"),)
        yield Finding(
            Location(function.path, each.at),
            _says(each),
            related=() if each.how == "twice" else related,
            symbol=f"{function.name}: {each.how} {each.name or each.what}",
            cure="Leave out the `await`."
            if each.how == "twice"
            else "Use the connection inside the block, or yield it.",
        )


def _says(each: Escape) -> str:
    if each.how == "returned":
        return f"`{each.function.last}` returns `{each.name}` out of the block that closes it."
    if each.how == "stored":
        return f"`{each.what}` keeps `{each.name}`, which is closed as soon as the block ends."
    if each.how == "twice":
        return f"The connection of `{each.what}` is started twice, by `await` and by the block."
    return f"`{each.what}` uses the connection after the block that closes it."
