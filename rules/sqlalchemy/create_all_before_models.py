"""`create_all` runs before the modules with the mapped classes of its metadata are imported.

## Why
A metadata knows the tables of the classes that Python has come to by then, and no others.
`Base.metadata.create_all(engine)` without them creates nothing and says nothing; the first query
fails with `no such table`. It works wherever something else has imported the models before.

## Instead
Import the modules of all models before the call, where the call stands: `from app import models`
at the top of the file, or in the function right before it.

## Known limits
A call is judged by everything that can lead to it outside tests, and reported where on that way no
import can have loaded a class. Where some file on the way imports others by names that are
computed, nothing is said. Scripts that import some of the models are taken to want just those.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._creation import Early, early

_SHOWN = 3
_WHEN = {"module": "when {} is loaded", "main": "when {} is run", "callback": "when `{}` runs"}


@rule(of=early, severity="error", constraint="startup")
def create_all_before_models(project: Project, each: Early) -> Iterator[Finding]:
    """One finding a way that leads to the call."""
    names = ", ".join(f"`{one.name}`" for one in each.missing[:_SHOWN])
    more = len(each.missing) - _SHOWN
    told = f"{names} and {more} more" if more > 0 else names
    what = "creates no table" if each.whole else "misses tables"
    related = [Evidence(Location(one.path, one.at), f"`{one.name}` is mapped here") for one in each.missing[:_SHOWN]]
    if each.creation != each.line:
        related.insert(0, Evidence(Location(each.creation.path, each.creation.at), "the tables are created here"))
    outer = each.outer
    if outer not in (each.line, each.creation):
        related.insert(0, Evidence(Location(outer.path, outer.at), "the call that leads here"))
    file = "this file" if outer.path == each.line.path else f"`{outer.path}`"
    when = _WHEN[each.start].format(outer.scope.rpartition(".")[2] if each.start == "callback" else file)
    module = each.missing[0].path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    yield Finding(
        Location(each.line.path, each.line.at),
        f"`create_all` {what}: {when}, {_lacking(each, told)}.",
        related=tuple(related),
        symbol=f"{each.line.scope}:{each.start}:{each.missing[0].name}",
        cure="Call it below the classes." if _is_below(each) else f"Import `{module}` before the call.",
    )


def _is_below(each: Early) -> bool:
    """Whether the classes stand in the file of the call itself, further down."""
    return each.outer.path == each.line.path == each.missing[0].path


def _lacking(each: Early, told: str) -> str:
    return f"{told} are only defined below" if _is_below(each) else f"nothing has imported {told} yet"
