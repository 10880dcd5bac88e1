"""A statement reads a table that no join and no condition links to the rest of it.

## Why
`select(User).where(Post.title == "x")` selects from both tables: each user comes once for every
post that matches, whoever wrote it, and SQLAlchemy only warns of a cartesian product. In
`order_by`, `group_by` and `having` the table is not selected from at all, which the database
refuses, and `join(Post)` raises `InvalidRequestError` where no foreign key leads there.

## Instead
Join it: `select(User).join(User.posts).where(...)`, or say in `where` how the rows belong
together. A product that is meant is written `join(Post, true())`.

## Known limits
Statements are looked at where they are run, when every call that makes them is seen; what is
refined on some paths only counts as if it were on all of them. Subqueries, common table
expressions, `text()` and conditions that are computed are passed over, and so are tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._froms import Apart, separated
from ._models import model

_MESSAGES = {
    "product": "`{name}` is not joined with {others}: every row of one comes with every row of the other.",
    "absent": "`{method}` reads `{name}`, which the statement about {others} does not select from.",
    "join": "`{method}({name})` cannot tell how to join: no foreign key leads between `{name}` and {others}.",
}
_CURES = {
    "product": "Join `{name}`, or say in `where` which of its rows belong to those of {others}.",
    "absent": "Join `{name}` before its columns are used.",
    "join": "Say how the rows belong together, as the second argument of `{method}`.",
}


@rule(of=separated, severity="error", constraint="query")
def unjoined_from_element(project: Project, each: Apart) -> Iterator[Finding]:
    """One finding a table."""
    others = " and ".join(f"`{name}`" for name in dict.fromkeys(each.others))
    found = project[model, each.cls] if each.cls is not None else None
    related = (
        (Evidence(Location(found.symbol.path, found.at), f"`{found.symbol.last}` is mapped here"),) if found else ()
    )
    yield Finding(
        Location(each.path, each.at),
        _said(_MESSAGES, each, others),
        related=related,
        symbol=f"{each.scope}:{each.name}:{each.kind}",
        cure=_said(_CURES, each, others),
    )


def _said(texts: dict[str, str], each: Apart, others: str) -> str:
    return texts[each.kind].format(name=each.name, others=others, method=each.method)
