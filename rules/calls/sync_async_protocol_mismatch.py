"""What a call gives is entered or looped over by a statement that it has no protocol for.

## Why
`with` and `for` ask for other methods than `async with` and `async for`. What has only the one
pair raises TypeError or AttributeError in a statement of the other kind, and so does a generator
function in a `with` that `contextlib.contextmanager` was not put on.

## Instead
Use the statement that fits: `async with` and `async for` for what is asynchronous, inside an
`async def`. Put `contextlib.contextmanager` or `contextlib.asynccontextmanager` on a generator
that is meant for `with`.

## Known limits
Only calls right in the statement are looked at: of the repository's generator functions with
known decorators, of its classes whose ancestors are all known, and of well-known makers of
sessions, connections, clients and locks. Calls in tests are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._protocols import makes_no_manager, mismatches, users


@rule(of=users, severity="error", constraint="async", precision="A")
def sync_async_protocol_mismatch(project: Project, function: Symbol) -> Iterator[Finding]:
    """Statements that raise because what they are given has the other protocol, and managers that have none."""
    facts = function_facts(project, function)
    if facts is not None and makes_no_manager(project, function):
        yield Finding(
            Location(function.path, facts.at),
            f"`{facts.name}` is made a context manager but never yields, so entering it raises TypeError.",
            symbol=function.name,
            cure="Write `yield` between what is set up and what is taken down.",
        )
    for found in mismatches(project, function):
        defined = class_facts(project, found.target) or function_facts(project, found.target)
        held = isinstance(found.node, tree.Path)
        func = found.node if isinstance(found.node, tree.Path) else found.node.func
        name = getattr(func, "text", found.target.name)
        yield Finding(
            Location(function.path, found.node.at),
            f"`{name}` is {found.kind.words}, which `{found.statement}` cannot use."
            if held
            else f"`{name}()` gives {found.kind.words}, which `{found.statement}` cannot use.",
            related=(Evidence(Location(found.target.path, defined.at), f"`{defined.name}` is defined"),)
            if defined
            else (),
            symbol=f"{function.name or '<module>'}: {name}",
            cure=_cure(found.statement, found.kind.fits[0]),
        )


def _cure(statement: str, fits: str) -> str:
    if statement.endswith("with") and fits.endswith("for"):
        manager = "asynccontextmanager" if fits.startswith("async") else "contextmanager"
        return f"Put `@contextlib.{manager}` on it, or loop over it with `{fits}`."
    return f"Use `{fits}` instead."
