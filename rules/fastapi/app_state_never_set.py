"""Something is read of `app.state` that no code puts there.

## Why
`request.app.state.pool` raises AttributeError on the first request when the start of the application
keeps it under another name, or nowhere. Neither types nor imports connect the two places.

## Instead
Read the name under which the lifespan or the factory keeps it.

## Known limits
What counts is whether anything in the repository sets an attribute of the name, on whatever object.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._kept_state import never_kept, reading


@rule(of=reading, severity="error", constraint="wiring")
def app_state_never_set(project: Project, path: str) -> Iterator[Finding]:
    """One finding a read."""
    for name, text, at in project[never_kept, path]:
        yield Finding(
            Location(path, at),
            f"`{text}` is read, and nothing ever sets `{name}` on the application's state.",
            symbol=name,
        )
