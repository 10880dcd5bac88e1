"""A `begin()` block whose transaction is ended inside it, or has already begun by itself.

## Why
`with session.begin():` commits when the block ends. A `commit()`, `rollback()` or `close()` inside
ends the transaction early, and the next use of the session in the block raises
`InvalidRequestError: Can't operate on closed transaction inside context manager`. And a session
begins a transaction by itself with its first query: `begin()` after that raises
`InvalidRequestError: A transaction is already begun on this Session`.

## Instead
Let the block commit. To keep parts apart, use several blocks, or `begin_nested()`. After a query,
go on without `begin()` and call `commit()`, or put the query into the block.

## Known limits
Looked for in one function, what it certainly runs of others, and dependencies that share the
session. An end that nothing follows in the block does no harm and is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._begun import Clash, beginning, clashes


@rule(of=beginning, severity="error", constraint="transaction")
def transaction_control_inside_begin(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a block and kind."""
    for each in clashes(project, function):
        yield _ended(each) if each.kind == "ended" else _begun(each)


def _ended(each: Clash) -> Finding:
    name = each.session.lstrip("=").rpartition("().")[2]
    second = each.second.what if each.second is not None else ""
    related = [Evidence(Location(each.function.path, each.block), "the block's transaction begins here")]
    if each.first.chain:
        related.append(Evidence(each.first.leaf, "this ends the transaction"))
    if each.second is not None:
        related.append(Evidence(Location(each.function.path, each.second.at), f"`{second}` cannot run any more"))
    return Finding(
        Location(each.function.path, each.first.at),
        f"`{each.first.what}` ends the transaction of the `begin()` block, and `{second}` uses `{name}` again in it.",
        related=tuple(related),
        symbol=f"{each.function.name}: {each.first.what}",
        cure=f"Leave `{each.first.kind}()` to the end of the block.",
    )


def _begun(each: Clash) -> Finding:
    return Finding(
        Location(each.function.path, each.block),
        f"`begin()` raises: `{each.first.what}` has already begun a transaction on the session.",
        related=(Evidence(each.first.leaf, "the first use begins a transaction by itself"),),
        symbol=f"{each.function.name}: begin after {each.first.what}",
        cure="Put the earlier use into the block, or end its transaction before.",
    )
