"""An instance is made and added without a value for a column that must have one.

## Why
The column is `NOT NULL` and nothing gives it a default, the schema of the request does not have
it, and the code sets it neither in the constructor nor before the flush: every insert raises
`IntegrityError`.

## Instead
Set it where the instance is made, `Post(**data.model_dump(), author_id=user.id)`, give the column
a default, or make it nullable with a migration.

## Known limits
Mapped classes of which all columns are known, instances that are added in the function that makes
them and go nowhere else. Nothing is said when the repository listens to events of the mapper.
Triggers of the database are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._unset import Unset, unset


@rule(of=unset, severity="error", constraint="schema")
def required_column_never_set(project: Project, each: Unset) -> Iterator[Finding]:
    """One finding a column."""
    model, dump = each.made.model.last, each.made.dump
    source = f"; `{dump.schema.last}` has no such field" if dump is not None else ""
    yield Finding(
        Location(each.made.function.path, each.made.call.at),
        f"`{model}` is made and added without `{each.column.attr}`, which must not be empty{source}.",
        related=(Evidence(each.column.at, f"`{each.column.attr}` has no default and is not nullable"),),
        symbol=f"{each.made.function.name}: {model}.{each.column.attr}",
        cure=f"Pass `{each.column.attr}=...` where the instance is made.",
    )
