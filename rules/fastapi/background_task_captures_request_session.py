"""A session of the request is given to work that goes on after the request has ended.

## Why
The dependency that made the session closes it when the request is done. A task started with
`asyncio.create_task` runs beside and after that, on a session that is closed or used by two at
once. From FastAPI 0.106 to 0.117 the same holds for background tasks: they run after the
dependency has ended, open the session anew, and nobody closes it again.

## Instead
Give the task the ids that it needs, and let it open a session of its own.

## Known limits
Background tasks are reported only when the version of FastAPI is known to be one of those; from
0.118 on dependencies end after them. Tasks whose result is kept are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._background import Captured, captured


@rule(of=captured, severity="warning", constraint="transaction", precision="B")
def background_task_captures_request_session(project: Project, each: Captured) -> Iterator[Finding]:
    """One finding a call."""
    facts = function_facts(project, each.provider)
    what = "a background task" if each.kind == "background" else "a task that nobody awaits"
    yield Finding(
        Location(each.function.path, each.at),
        f"`{each.name}` is given to {what}, and `{each.provider.last}` closes it when the request ends.",
        related=(Evidence(Location(each.provider.path, facts.at), "it is made and closed here"),) if facts else (),
        symbol=f"{each.function.name}: {each.name}",
    )
