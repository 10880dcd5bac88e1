"""A schema requires a field that the model it is read from does not have, so that reading it fails.

## Why
FastAPI reads the object that a handler returns attribute by attribute into the response model.
A required field without an attribute of that name makes every such response an error 500
(`ResponseValidationError`), and `model_validate` raises. Neither the handler nor the schema nor
the model shows it alone.

## Instead
Name the field as the model does, give it that name as an alias, compute it
(`@computed_field`, a property of the model), or give it a default.

## Known limits
Reported when the handler is seen to return instances of one mapped class whose attributes are all
known, or when `model_validate` or `from_orm` is given one. Schemas with a validator that sees the
whole input first, with aliases, or with bases from elsewhere are passed over, and so are fields
of a name that some code assigns to an object.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._drift import Drift, drifts
from ._telling import evidence, reason


def absent(project: Project) -> tuple[Drift, ...]:
    """The fields that a model lacks."""
    return tuple(each for each in project[drifts] if each.kind == "absent")


@rule(of=absent, severity="error", constraint="schema")
def response_schema_field_not_on_model(project: Project, drift: Drift) -> Iterator[Finding]:
    """One finding a field."""
    schema, model = drift.pair.schema.last, drift.pair.model.last
    yield Finding(
        drift.field.at,
        f"`{schema}` requires `{drift.field.name}`, which `{model}` does not have: {reason(drift.pair)}.",
        related=evidence(project, drift),
        symbol=f"{schema}.{drift.field.name}: {model}",
    )
