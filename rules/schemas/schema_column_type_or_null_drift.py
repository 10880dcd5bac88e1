"""A schema refuses what a column may hold: empty values, or values of its type.

## Why
The column says that it may be empty, the field of the response schema that it is not: the first
row without a value makes the response an error 500, long after the tests have passed. The same
happens at once with a type that Pydantic does not convert, such as a UUID into a `str`.

## Instead
Say the same in both places: `bio: str | None`, `id: UUID`; or make the column `nullable=False`
with a migration.

## Known limits
Columns of mapped classes whose instances are seen to be read into the schema. A column counts as
nullable when its annotation or `nullable=True` says so, not by default, and when nothing gives it
a value. Nothing is said of empty values of a model whose queries somewhere leave out such rows
(`Task.done_at.is_not(None)`). Fields with validators or converters that see the value first are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._drift import Drift, drifts
from ._telling import evidence, reason


def refused(project: Project) -> tuple[Drift, ...]:
    """The fields that do not take what the column holds."""
    return tuple(each for each in project[drifts] if each.kind != "absent")


@rule(of=refused, severity="error", constraint="schema")
def schema_column_type_or_null_drift(project: Project, drift: Drift) -> Iterator[Finding]:
    """One finding a field."""
    schema, column = drift.pair.schema.last, f"`{drift.pair.model.last}.{drift.field.name}`"
    name = f"`{schema}.{drift.field.name}`"
    if drift.kind == "null":
        message = f"{name} must not be empty, but {column} may: then {reason(drift.pair)}."
        cure = f"Write `{drift.field.name}: {drift.field.type} | None`."
    else:
        message = (
            f"{name} is `{drift.field.type}` and takes no `{drift.family}`, which {column} holds: {reason(drift.pair)}."
        )
        cure = f"Write `{drift.field.name}: {drift.family}`."
    yield Finding(
        drift.field.at,
        message,
        related=evidence(project, drift),
        symbol=f"{schema}.{drift.field.name}: {drift.kind}",
        cure=cure,
    )
