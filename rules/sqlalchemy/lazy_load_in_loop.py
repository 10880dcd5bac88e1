"""A relationship is loaded anew for every instance that a loop goes through.

## Why
The query loads its rows at once, but each of them asks the database again when the relationship
is read: a list of 100 rows costs 101 queries. It works, and gets slower with every row.

## Instead
Load the relationship with the query: `select(User).options(selectinload(User.posts))`, or
`joinedload` for a relationship to one row.

## Known limits
Instances are followed through assignments, loops and calls of functions whose code is known.
Templates are not looked into. A relationship to one row is passed over while another instance of
its class is in sight, since the session may have the row.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._state import looped_reads
from ._state_run import Seen
from ._state_telling import cure, evidence


@rule(of=looped_reads, severity="warning", constraint="query", precision="B")
def lazy_load_in_loop(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read, at the query."""
    name = f"{each.cls.last}.{each.name}"
    where = Evidence(each.at, f"`{each.name}` is read here for each of them")
    yield Finding(
        each.origin,
        f"The `{each.how}` does not load `{name}`, which is then read and loaded for each instance in a loop.",
        related=(where, *evidence(project, each._replace(origin=each.at), "")),
        chain=each.chain,
        symbol=f"{name}:{each.at.path}",
        cure=cure(each),
    )
