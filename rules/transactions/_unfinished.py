"""Functions whose ways through could not all be followed, so that rules about transactions are silent on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cdlint.backend.collected import provides
from cdlint.backend.sessions import UnknownSession, dealings, unknown_sessions
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Location

from ._pending import left_pending
from ._raw import holders
from ._raw_lost import raw_limit
from ._roots import makers
from ._units import kept


@provides(unknown_sessions)
def unfinished_walks(project: Project) -> tuple[UnknownSession, ...]:
    """The functions that write or commit, and those that make a session, where the walk gave up."""
    dealing = {each.function: None for each in project[dealings]}
    made = dict.fromkeys((*project[makers], *project[holders]))
    return (*_unfinished(project, {**dealing, **made}, False), *_unfinished(project, made, True))


def _unfinished(project: Project, functions: Iterable[Symbol], made: bool) -> Iterator[UnknownSession]:
    for function in functions:
        limits = (project[left_pending, function].limit, project[kept, function].limit, project[raw_limit, function])
        limit = next((each for each in limits if each is not None), None)
        if limit is not None:
            why = f"not all ways through it were followed: {limit.why}"
            yield UnknownSession(Location(function.path, limit.at), f"`{function.last}()`", why, made)
