"""A schema is read from a model's instance, and its configuration does not allow objects.

## Why
`UserOut.model_validate(user)` takes a dictionary or a `UserOut`. Given anything else it raises
`ValidationError`, and `from_orm` raises `PydanticUserError`, unless the schema is configured with
`from_attributes=True` (`orm_mode` in the first version). A response model of FastAPI works without
it, which is why the missing line is noticed late.

## Instead
Write `model_config = ConfigDict(from_attributes=True)` in the schema or a base of all schemas, or
pass `from_attributes=True` to `model_validate`.

## Known limits
The argument must be seen to be an instance of one mapped class. Schemas with bases from elsewhere
or with configuration that is computed are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._from_attributes import reads_objects
from ._pairs import Reading, readings


@rule(of=readings, severity="error", constraint="schema")
def model_validate_without_from_attributes(project: Project, reading: Reading) -> Iterator[Finding]:
    """One finding a call."""
    given = {keyword.name for keyword in reading.call.keywords}
    if None in given or "from_attributes" in given or reading.schema == reading.model:
        return
    if project[reads_objects, reading.schema] is not False:
        return
    schema, model = reading.schema.last, reading.model.last
    facts = class_facts(project, reading.schema)
    yield Finding(
        Location(reading.function.path, reading.call.at),
        f"`{schema}.{reading.method}` is given an instance of `{model}`, and `{schema}` is not configured with"
        " `from_attributes=True`.",
        related=(Evidence(Location(reading.schema.path, facts.at), f"`{schema}` is defined here"),) if facts else (),
        symbol=f"{reading.function.name}: {schema}.{reading.method}",
    )
