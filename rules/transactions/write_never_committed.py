"""A write to a database session that nothing commits: the session is closed and the rows are gone.

## Why
`flush()` sends the rows to the database and fills in their keys, so the answer looks right, and
so do tests that share the session. When the session closes without `commit()`, everything that
was written since the last one is rolled back.

## Instead
Call `commit()` where the work is complete: in the function that makes the session, in the
dependency that gives it, or at the end of the handler.

## Known limits
Followed from handlers whose session comes from a dependency of the repository or from one shared
session, and from functions that make their session or open a connection of sqlite3, aiosqlite,
psycopg, PyMySQL or MySQL Connector themselves. A write is reported only if no
way that leads on from it may commit; code that cannot be followed is taken to commit. A column
that is given a value made of its own row, on one that answers a `GET`, is taken to be shown only.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._lost import Lost, lost
from ._raw_lost import RawLost, raw_lost


def subjects(project: Project) -> tuple[Lost | RawLost, ...]:
    """What is lost with sessions, and with connections of a driver."""
    return (*project[lost], *project[raw_lost])


@rule(of=subjects, severity="error", constraint="transaction")
def write_never_committed(project: Project, each: Lost | RawLost) -> Iterator[Finding]:
    """One finding a root or connection."""
    if isinstance(each, RawLost):
        yield _raw(project, each)
        return
    root = each.root.last
    evidence = []
    if each.at.at != each.write.leaf.at:
        evidence.append(Evidence(each.write.leaf, "the row is written here"))
    facts = function_facts(project, each.root)
    if (facts is not None and each.root.path != each.at.path) or each.write.chain:
        evidence.append(
            Evidence(Location(each.root.path, facts.at if facts else each.write.at), "this ends without a commit")
        )
    evidence.extend(Evidence(place, "this is written and not committed either") for place in each.others[:3])
    provider = function_facts(project, each.provider) if each.provider is not None else None
    if provider is not None and each.provider is not None:
        evidence.append(
            Evidence(Location(each.provider.path, provider.at), "this gives the session and does not commit")
        )
    on = "" if each.write.chain else f" on `{each.write.session}`"
    yield Finding(
        each.at,
        f"What `{each.what}` writes is never committed: `{root}` ends without a `commit()`{on}.",
        related=tuple(evidence),
        symbol=f"{each.root.name}: {each.what}",
        cure=f"Commit after the write, in `{root}` or in what it calls.",
    )


def _raw(project: Project, each: RawLost) -> Finding:
    write, name = each.write, each.write.held.name
    place = Location(each.function.path, write.at)
    evidence = [] if write.leaf == place else [Evidence(write.leaf, "the row is written here")]
    evidence.extend(Evidence(other, "this is written and not committed either") for other in each.others[:3])
    provider = function_facts(project, write.held.provider) if write.held.provider is not None else None
    if provider is not None and write.held.provider is not None:
        opened = Location(write.held.provider.path, provider.at)
        evidence.append(Evidence(opened, "this gives the connection and does not commit"))
    return Finding(
        place,
        f"What `{write.what}` writes is never committed: `{each.function.last}` ends without `{name}.commit()`.",
        related=tuple(evidence),
        symbol=f"{each.function.name}: {write.what}",
        cure=f"Call `{name}.commit()` after the write, before the connection is closed.",
    )
