"""An attribute that is not loaded is read of an instance whose session is closed.

## Why
An instance can load a relationship, or a column that a commit expired, only while its session is
open. After the `with` block or `close()` the read raises `DetachedInstanceError`.

## Instead
Read what is needed inside the block, load it with the query
(`options(selectinload(Author.books))`), or return plain data instead of the instance.

## Known limits
An instance is followed through assignments, loops and calls of functions whose code is known. A
context manager of the repository counts as closing its session when it says so itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._state import detached_reads
from ._state_classes import links
from ._state_run import Seen
from ._state_telling import cure, evidence


@rule(of=detached_reads, severity="error", constraint="orm")
def detached_instance_access(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a read."""
    name = f"{each.cls.last}.{each.name}"
    lazy = each.name in project[links, each.cls] and not each.why
    what = f"does not load it (`{each.how}`)" if lazy else f"expired it at `{each.why or 'commit'}()`"
    yield Finding(
        each.at,
        f"`{name}` is read after the session of the instance is closed, and the session {what}: "
        "this raises `DetachedInstanceError`.",
        related=evidence(project, each, "the instance comes from this query"),
        chain=each.chain,
        symbol=f"{name}:{each.how}",
        cure=f"Read it before the session is closed. Or: {cure(each)}" if lazy else "Read it before the commit.",
    )
