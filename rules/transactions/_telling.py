"""How findings about transactions put their evidence into words."""

from __future__ import annotations

import re

from cdlint.backend.transactions import Transaction
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.rule import Evidence, Location

from ._reach import Reached

_ARGUMENTS = re.compile(r"\(\)(?=\(\))|\[\]")


def short(name: str) -> str:
    """An outside callable as one would speak of it: without repeated calls."""
    return _ARGUMENTS.sub("", name)


def written(func: Node) -> str:
    """A called expression as its code says it, arguments left out."""
    if isinstance(func, tree.Attribute):
        return f"{written(func.value)}.{func.text}"
    if isinstance(func, tree.Call):
        return f"{written(func.func)}()"
    return func.text if isinstance(func, tree.Path) else "..."


def until_commit(transaction: Transaction) -> str:
    """What has to be over before anybody else sees the rows."""
    if transaction.kind == "session":
        return f"the transaction that `{transaction.how}` is part of commits"
    return f"the transaction of `{transaction.how}` commits"


def origin_of(transaction: Transaction) -> tuple[Evidence, ...]:
    """Where the transaction opens."""
    opening = (
        "every call of the function runs in it" if transaction.kind == "function" else "the transaction opens here"
    )
    if transaction.kind == "session":
        opening = "the session has a change that is not committed from here on"
    found = [Evidence(transaction.opening, opening)]
    if transaction.origin is not None:
        found.append(Evidence(transaction.origin, "this is what opens it"))
    return tuple(found)


def chain_of(reached: Reached) -> tuple[Evidence, ...]:
    """The calls on the way to the outside, if there is more than one."""
    if len(reached.chain) < 2:
        return ()
    *between, last = reached.chain
    return (
        *(Evidence(Location(step.path, step.at), f"calls `{step.callee}`") for step in between),
        Evidence(Location(last.path, last.at), f"calls `{written(reached.call.func)}`"),
    )
