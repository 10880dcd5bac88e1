"""A relationship is loaded anew for every instance that a loop goes through.

## Why
The query loads its rows at once, but each of them asks the database again when the relationship
is read: a list of 100 rows costs 101 queries. It works, and gets slower with every row.

## Instead
Load the relationship with the query: `select(User).options(selectinload(User.posts))`, or
`joinedload` for a relationship to one row.

## Known limits
Instances are followed through assignments, loops and calls of functions whose code is known.
Jinja templates are followed into includes, not into macros. A relationship to one row is passed
over while another instance of its class is in sight, since the session may have the row.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._names import is_script
from ._state import looped_reads
from ._state_run import Seen
from ._state_telling import cure, evidence

_SHOWN = 5


def _queries(project: Project) -> tuple[tuple[Seen, ...], ...]:
    """The reads by the query whose rows they load for."""
    found: dict[Location, list[Seen]] = {}
    for each in project[looped_reads]:
        if project[is_script, each.origin.path] or project[is_script, each.at.path]:
            continue
        found.setdefault(each.origin, []).append(each)
    return tuple(tuple(reads) for reads in found.values())


@rule(of=_queries, severity="warning", constraint="query", precision="B")
def lazy_load_in_loop(project: Project, reads: tuple[Seen, ...]) -> Iterator[Finding]:
    """One finding a query."""
    first = reads[0]
    names = tuple(dict.fromkeys(f"{each.cls.last}.{each.name}" for each in reads))
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    related: list[Evidence] = []
    for each in reads[:_SHOWN]:
        related.append(Evidence(each.at, f"`{each.cls.last}.{each.name}` is read here for each of them"))
        related.extend(evidence(project, each._replace(origin=each.at), ""))
    yield Finding(
        first.origin,
        f"The `{first.how}` does not load `{names[0]}`{more}, which is then loaded for each instance in a loop.",
        related=tuple(dict.fromkeys(related)),
        chain=first.chain,
        symbol=f"{names[0]}:{first.at.path}",
        cure=cure(first),
    )
