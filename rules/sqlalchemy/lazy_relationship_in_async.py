"""A relationship that the query did not load is read of an instance of an async session.

## Why
Reading a relationship that is not loaded asks the database at once, without `await`. An
`AsyncSession` cannot do that: the read raises `MissingGreenlet` every time, often far from the
query that should have loaded it. Tests with an instance that was made in the same session pass.

## Instead
Load it with the query: `select(User).options(selectinload(User.posts))`. For an instance that is
there already, `await session.refresh(user, ["posts"])` or `await user.awaitable_attrs.posts`.

## Known limits
An instance is followed through assignments, loops and calls of functions whose code is known; one
that is handed to anything else is passed over from there on. A relationship to one row is passed
over while another instance of its class is in sight, since that may be the row.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._state import lazy_reads
from ._state_run import Seen
from ._state_telling import cure, evidence, is_made_here


@rule(of=lazy_reads, severity="error", constraint="async")
def lazy_relationship_in_async(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read."""
    name = f"{each.cls.last}.{each.name}"
    made = is_made_here(each)
    source = "was made here and has no such rows loaded" if made else f"comes from `{each.how}`, which does not load it"
    yield Finding(
        each.at,
        f"`{name}` is read of an instance of an async session that {source}: this raises `MissingGreenlet`.",
        related=evidence(project, each, "the instance is made here" if made else "the query does not load it"),
        chain=each.chain,
        symbol=f"{name}:{each.how}",
        cure=cure(each),
    )
