"""The cascade of a relationship is refused, or leaves rows behind that cannot be without a parent.

## Why
`delete-orphan` on the side that holds the key, and an option that does not exist, raise
`ArgumentError` when the mappers are configured. Without a cascade, deleting a parent sets the
key of its children to NULL: where that column may not be empty, every delete of a parent with
children raises `IntegrityError`.

## Instead
Put `cascade="all, delete-orphan"` on the collection of the parent; or leave it to the database
with `ForeignKey(..., ondelete="CASCADE")` and `passive_deletes=True`.

## Known limits
Deletions count where the class of the object is known and the function neither cares for the
children itself nor catches `IntegrityError`. Relationships with a condition of their own are not
looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._cascades import Kept, Orphans, deletions, kept, refused
from ._models import models


@rule(of=models, severity="error", constraint="orm")
def cascade_misconfigured(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a relationship."""
    if is_aside(cls.path):
        return
    for each in refused(project, cls):
        yield _refused(each)
    for left in project[kept].get(cls, ()):
        at = project[deletions].get(left)
        if at is not None:
            yield _left(left, at)


def _refused(each: Orphans) -> Finding:
    if each.kind == "option":
        message, cure = f"The cascade of `{each.name}` has an option that does not exist: `{each.word}`.", ""
    else:
        message = f"`{each.name}` is {each.word}, and `delete-orphan` is only for the one side of a relationship."
        cure = "Move the cascade to the collection of the parent."
    return Finding(each.at, message, symbol=f"{each.name}:{each.kind}", cure=cure)


def _left(each: Kept, at: Location) -> Finding:
    name = f"{each.parent.last}.{each.relation}" if each.relation else f"the backref to `{each.parent.last}`"
    what = f"`{name}`" if each.relation else name
    column = f"`{each.child.last}.{each.column.attr or each.column.name}`"
    return Finding(
        each.at,
        f"Deleting a `{each.parent.last}` fails when it has rows in {what}: {column} would become NULL and may not be.",
        related=(
            Evidence(at, f"a `{each.parent.last}` is deleted here"),
            Evidence(Location(each.column.path, each.column.at), "the column that may not be empty"),
        ),
        symbol=f"{each.parent.name}:{each.relation or each.child.name}",
        cure='Give the collection `cascade="all, delete-orphan"`.',
    )
