"""A model is made of all fields of a schema, and the schema has one that the model does not take.

## Why
`User(**data.model_dump())` passes every field of the schema on. The constructor of a mapped class
raises `TypeError` for a name that is no attribute, so that each request to create one fails. The
usual culprits are `password` in place of `hashed_password`, a confirmation, or a list of nested
schemas, which arrive as dictionaries where instances are wanted. A table of SQLModel drops what it
does not know, but `User.model_validate(data)` raises `ValidationError` for a required field, such as
`hashed_password`, that the schema does not have.

## Instead
Leave the field out and set what the model has:
`User(**data.model_dump(exclude={"password"}), hashed_password=hash(data.password))`;
with SQLModel `User.model_validate(data, update={"hashed_password": hash(data.password)})`.

## Known limits
Mapped classes whose attributes are all known and that have the constructor of SQLAlchemy, and tables
of SQLModel without validators of their own. What is dumped must be seen to be one schema; fields that are
excluded, popped or not included are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.shape_fields import reads
from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._create_validated import Validated, validated
from ._entities import models
from ._made import Dump, Made, made, plain
from ._marshmallow import shape_of as marshmallow_shape
from ._minded import is_set_somewhere
from ._pairs import kinds
from ._pydantic import shape_of


def creating(project: Project) -> tuple[Made | Validated, ...]:
    """The calls that make a model of a schema."""
    return (*project[made], *project[validated])


@rule(of=creating, severity="error", constraint="schema")
def create_schema_not_accepted_by_model(project: Project, each: Made | Validated) -> Iterator[Finding]:
    """One finding a call."""
    if isinstance(each, Validated):
        yield _refused(project, each)
    elif each.dump is not None and each.model in project[plain]:
        yield from _surplus(project, each, each.dump)


def _refused(project: Project, each: Validated) -> Finding:
    schema, model, name = each.schema.last, each.model.last, each.lacking[0]
    shape = project[shape_of, (each.model, "sqlmodel")]
    field = next(field for field in shape.fields if field.name == name)
    return Finding(
        Location(each.function.path, each.call.at),
        f"`{model}` is validated from `{schema}`, which has no `{name}`, and `{model}` requires it.",
        related=(Evidence(field.at, f"`{model}.{name}` is required"),),
        symbol=f"{each.function.name}: {model}.validate({schema})",
        cure=f'Give it what the schema lacks: `{model}.model_validate(..., update={{"{name}": ...}})`.',
    )


def _surplus(project: Project, each: Made, dump: Dump) -> Iterator[Finding]:
    names = project[plain][each.model]
    surplus = [name for name in dump.fields if name not in names and not project[is_set_somewhere, name]]
    relations = {relation.name for relation in project[models][each.model].relations}
    kind = project[kinds].get(dump.schema)
    shape = project[shape_of, (dump.schema, kind)] if kind is not None else project[marshmallow_shape, dump.schema]
    needed = {field.name for field in shape.fields if field.required and not field.nullable}
    nested = {read.name for read in reads(project, dump.schema) if read.shape is not None} & relations & needed
    nested &= set(dump.fields)
    if not surplus and not nested:
        return
    schema, model = dump.schema.last, each.model.last
    name = surplus[0] if surplus else min(nested)
    what = f"has no `{name}`" if surplus else f"wants instances in `{name}`, not dictionaries"
    field = next(field for field in shape.fields if field.name == name)
    yield Finding(
        Location(each.function.path, each.call.at),
        f"`{model}` is made of all fields of `{schema}`, and `{model}` {what}.",
        related=(
            Evidence(field.at, f"`{schema}.{name}`"),
            Evidence(project[models][each.model].at, f"`{model}` is defined here"),
        ),
        symbol=f"{each.function.name}: {model}(**{schema})",
        cure=f"Leave `{name}` out, and set what `{model}` has instead.",
    )
