"""`Depends` is given something that cannot be called, or its marker is used in place of the value.

## Why
FastAPI calls what `Depends` names once for each request. `Depends(get_db())` calls it on import
and hands the result over, which fails with `TypeError: ... is not a callable object`. Only FastAPI
replaces the marker by a value: `db = Depends(get_db)` in the body of a function, and a function
with that default that other code calls without the argument, work on the marker itself and fail
with `AttributeError`.

## Instead
Name the function: `Depends(get_db)`. In the body of a function call it, and pass dependencies on as
arguments.

## Known limits
Objects whose class has `__call__` are fine, and so are functions that return functions; where
that cannot be told nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._callables import Wrong, wrong


@rule(of=wrong, severity="error", constraint="wiring")
def depends_not_a_callable(project: Project, each: Wrong) -> Iterator[Finding]:
    """One finding a place."""
    if each.kind == "given":
        message = f"`Depends` is given `{each.what}`, which is {each.why} and cannot be called."
        cure = f"Write `Depends({each.what.removesuffix('()')})`." if each.what.endswith("()") else ""
        evidence = ""
    elif each.kind == "read":
        message = f"`{each.what}` is the marker that `Depends` gives, not its value: `{each.why}` fails."
        cure, evidence = "Make it a parameter of the handler.", "it is read here"
    else:
        message = (
            f"`{each.why}` is called without `{each.what}`, and works on the `Depends` marker that is its default."
        )
        cure, evidence = f"Pass `{each.what}` on.", "its default is a marker for FastAPI"
    related = (Evidence(Location(*each.origin), evidence),) if each.origin is not None else ()
    yield Finding(
        Location(each.path, each.at),
        message,
        related=related,
        symbol=f"{each.scope}: {each.kind} {each.what}",
        cure=cure,
    )
