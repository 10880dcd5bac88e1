"""An instance that one open session has loaded is added to another session.

## Why
An instance belongs to the session that loaded it while that is open. Adding it, or an object that
refers to it, to a second session raises `InvalidRequestError: Object is already attached to
session '1' (this is '2')`.

## Instead
Use one session for the whole piece of work, or `merge()` the instance into the second session.

## Known limits
Only sessions that one function makes itself, and handlers whose dependencies give them an instance
and a session from two different generators. Code that expunges instances is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._two_sessions import handed, using_several


@rule(of=using_several, severity="error", constraint="transaction")
def instance_in_two_sessions(project: Project, function: Symbol) -> Iterator[Finding]:
    """One finding an instance."""
    for each in handed(project, function):
        way = f", through `{each.through}`" if each.through else ""
        yield Finding(
            Location(function.path, each.at),
            f"`{each.call}` gets `{each.name}`{way}, which still belongs to the session `{each.first}`.",
            related=(Evidence(each.loaded, f"`{each.first}` loads it here"),),
            symbol=f"{function.name}: {each.name}",
            cure=f"Use one session, or `{each.second}.merge({each.name})`.",
        )
