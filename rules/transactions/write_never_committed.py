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
session, and from functions that make their session themselves. A write is reported only if no
way that leads on from it may commit; code that cannot be followed is taken to commit.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import function_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._lost import Lost, lost


@rule(of=lost, severity="error", constraint="transaction")
def write_never_committed(project: Project, each: Lost) -> Iterator[Finding]:
    """One finding a root."""
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
