"""A coroutine is dropped or used as if it were the result: the `await` is missing.

## Why
Calling an `async def` runs nothing: it makes a coroutine object. Without `await` its body never
runs, and what looks like the result is that object: reading an attribute of it raises
AttributeError, looping over it raises TypeError, testing it is always true. Python only warns
about it, later and somewhere else. Type checkers report the bare statement, and the rest only
where everything on the way is annotated.

## Instead
Write `await` before the call, inside an `async def`. To run it beside the rest, hand it to
`asyncio.create_task`, a task group or `asyncio.gather`, and keep what that gives.

## Known limits
Only calls are reported whose target is certain: an `async def` of the repository, reached by
name, instance or annotation, whose decorators are known to keep it a coroutine function and
which no subclass replaces by something else, and the coroutine functions of the best known
libraries. A coroutine kept in a local name is reported if nothing awaits that name and a use of
it fails on a coroutine or asks whether it is there, or if every use treats it as a value. One
that is passed on or stored elsewhere is taken to be awaited there, and so is one that is
returned, unless a route's handler returns it or an `async def` whose annotation promises
something that needs no second `await`.
In tests, methods of local variables are not looked at; elsewhere, those with everyday names such
as `get` only if the function awaits others of the same object, or calls what makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._misuse import Misuse, misuses
from ._suspects import suspects


@rule(of=suspects, severity="error", constraint="async", precision="A")
def coroutine_result_unawaited(project: Project, function: Symbol) -> Iterator[Finding]:
    """Calls of coroutine functions whose result is dropped or used as a value."""
    facts = function_facts(project, function)
    can_await = facts is not None and facts.is_async
    for misuse in misuses(project, function):
        yield Finding(
            Location(function.path, misuse.call.at),
            f"{_complaint(misuse)}: the `await` is missing.",
            related=_evidence(project, function.path, misuse),
            symbol=f"{function.name or '<module>'}: {misuse.name}",
            cure=f"Write `await {misuse.name}(...)`."
            if can_await
            else f"Make `{function.name}` an `async def` that awaits the call, or run it with `asyncio.run`."
            if function.name
            else "Run it with `asyncio.run(...)`.",
        )


def _complaint(misuse: Misuse) -> str:
    if misuse.use.kind == "dropped":
        return f"`{misuse.name}()` gives a coroutine that is dropped, so nothing of it runs"
    if misuse.use.kind == "returned":
        return f"`{misuse.name}()` gives a coroutine that is returned in place of its result"
    if misuse.use.kind == "stored":
        return f"`{misuse.name}()` gives a coroutine that is kept in `{misuse.use.how}` and never awaited"
    return f"`{misuse.name}()` gives a coroutine that is used as its result, {misuse.use.how}"


def _evidence(project: Project, path: str, misuse: Misuse) -> tuple[Evidence, ...]:
    found = []
    if misuse.first is not None:
        found.append(Evidence(Location(path, _at(misuse.first)), f"here {misuse.use.how}"))
    if misuse.target.kind == "function":
        target = function_facts(project, misuse.target)
        if target is not None:
            found.append(Evidence(Location(misuse.target.path, target.at), f"`{target.name}` is an `async def`"))
    return tuple(found)


def _at(node: Node) -> At:
    assert isinstance(node, (tree.Path, tree.Call))
    return node.at
