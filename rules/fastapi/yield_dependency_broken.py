"""A dependency that yields loses exceptions, yields twice, or skips its clean-up.

## Why
FastAPI throws what the handler raises into the dependency, at its `yield`. A dependency that
catches it and does not raise again swallows it: instead of its answer the caller gets an error 500
about a response that was never made. Code that follows the `yield` outside of `finally` and `with`
is not reached then, so a session stays open after each failed request. A second `yield` on the
same path is a `RuntimeError`.

## Instead
Raise again in the handler of the exception, close in `finally` or let a `with` block do it, and
yield once:

    try:
        yield session
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()

## Known limits
Functions that `Depends` is seen to be given. Up to FastAPI 0.105 a swallowed exception was raised
again by the framework, so nothing is said there. A handler that calls what may raise is believed.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import providers
from ._yields import Broken, broken, yielding

_CURES = {
    "swallowed": "End the `except` block with `raise`.",
    "twice": "Yield once, and return where there is nothing to do.",
    "skipped": "Close it in `finally`, or yield inside a `with` block.",
}


@rule(of=yielding, severity="error", constraint="transaction")
def yield_dependency_broken(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding a handler, yield or call."""
    asks, at = project[providers][function]
    for each in broken(project, function):
        yield Finding(
            Location(function.path, each.at),
            _message(each),
            related=(
                Evidence(Location(function.path, each.first), "it yields here"),
                Evidence(Location(asks.path, at), "it is a dependency here"),
            ),
            symbol=f"{function.name}: {each.kind} {each.what}",
            cure=_CURES[each.kind],
        )


def _message(each: Broken) -> str:
    name = each.function.last
    if each.kind == "swallowed":
        what = f"`{each.what}`" if " " not in each.what else each.what
        return f"Dependency `{name}` swallows {what} that the handler raises, so that no response is made."
    if each.kind == "twice":
        return f"Dependency `{name}` yields a second time on the same path, which raises `RuntimeError`."
    return f"Dependency `{name}` closes `{each.what}` only if the handler does not raise."
