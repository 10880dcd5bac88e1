"""An asynchronous handler waits for a blocking call, so that no other request is served meanwhile.

## Why
All asynchronous handlers of a process share one thread. While it waits in `requests.get`,
`time.sleep`, `subprocess.run` or a query of a synchronous session, every other request stands
still, health checks included. The call may be in a helper in another file, where nothing says
that an `async def` runs it.

## Instead
Call an asynchronous library (`httpx.AsyncClient`, `asyncio.sleep`, `AsyncSession`), or run the
helper in a thread: `await run_in_threadpool(load, id)`, `await asyncio.to_thread(load, id)`. A
FastAPI handler that is a plain `def` is run in a thread as it is.

## Known limits
Handlers of FastAPI, aiohttp and Django, what they depend on, and what those call, up to eight
calls deep, as far as calls are resolved. A helper that waits only once in a process, for a value
that it then keeps, or sleeps only after something failed, is left alone. Files are not looked
at: reading one takes as long as the disk does. Django's models say themselves when they are used
on a loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._blocking import blocked, served

_ARGUMENTS = re.compile(r"\(\)(?=\(\))|\[\]")


@rule(of=served, severity="warning", constraint="async", precision="B")
def blocking_call_reachable_from_async(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding for each outside call that a function waits for, at the first."""
    said: set[tuple[str, str]] = set()
    for each in blocked(project, function):
        name = _ARGUMENTS.sub("", each.chain[-1].callee)
        through = each.chain[0].callee if len(each.chain) > 1 else ""
        kind = (each.what if not through else "", through)
        if kind in said:
            continue
        said.add(kind)
        by = (
            f"`{function.last}` is an `async def` and calls `{through}`, which"
            if through
            else (f"`{function.last}` is an `async def` and")
        )
        yield Finding(
            Location(function.path, each.call.at),
            f"{by} {each.what} with `{name}()`: the event loop serves nobody else until it is done.",
            chain=tuple(Evidence(Location(step.path, step.at), f"calls `{step.callee}`") for step in each.chain[:-1])
            + ((Evidence(Location(each.chain[-1].path, each.chain[-1].at), f"calls `{name}`"),) if through else ()),
            symbol=f"{function.name}: {through or name}",
            cure=f"Await it in a thread: `await asyncio.to_thread({through}, ...)`."
            if through and "." not in through
            else "",
        )
