"""Database sessions and what makes them: where, of which kind, and with which options."""

from __future__ import annotations

from dataclasses import dataclass

from ..project import Project
from ..rule import Location
from .collected import collect


@dataclass(frozen=True, slots=True)
class Session:
    """A place that makes a session, or something that makes sessions.

    `kind`: `session`, `factory`, `scoped` (one for each thread, task or request) or `engine`.
    `name` is what holds it, `""` when nothing does; `function` the function around, `""` on
    module level. `closed`: `with`, `call` (its `close()`), or `""` when nothing here closes it.
    """

    kind: str
    name: str
    function: str
    is_async: bool
    expire_on_commit: bool | None
    """None when it is computed; for an engine always."""
    closed: str
    how: str
    at: Location


def sessions(project: Project) -> tuple[Session, ...]:
    """The sessions of all packs."""
    return collect(project, sessions)
