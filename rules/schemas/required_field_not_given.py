"""A schema is made, or a response returned, without a field that the schema requires.

## Why
Pydantic refuses to make an object that lacks a field without a default: the call raises
`ValidationError` every time, and a handler that returns a dictionary without one answers with an
error 500 (`ResponseValidationError`). A name that is misspelt does not help: unknown names are
dropped in silence. It is what remains after a field was added or renamed and one of the places that
fill the schema was forgotten. `Optional[str]` without a default is required as well, since the
second version of Pydantic.

## Instead
Give the field a value there, or a default in the schema: `note: str | None = None`.

## Known limits
Only names that are written out count: calls with `**` and dictionaries with computed keys are passed
over. So are schemas with a constructor, with validators that see the whole input first, with aliases
that a function of the repository makes, and calls whose `ValidationError` is caught.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._lacking import Lacking, lacking


@rule(of=lacking, severity="error", constraint="schema", precision="A")
def required_field_not_given(project: Project, each: Lacking) -> Iterator[Finding]:
    """One finding a call or dictionary."""
    schema, first = each.schema.last, each.fields[0]
    names = f"`{first.name}`" + (f" and {len(each.fields) - 1} more" if len(each.fields) > 1 else "")
    misspelt = f" `{each.surplus[0]}` is no field of it." if each.surplus else ""
    if each.response is None:
        message = f"`{schema}` is made without {names}, which it requires.{misspelt}"
    else:
        handler = each.function.last
        message = f"`{handler}` returns a dictionary without {names}, which its response `{schema}` requires.{misspelt}"
    said = (Evidence(each.response.at, "the response"),) if each.response is not None else ()
    yield Finding(
        Location(each.function.path, each.at),
        message,
        related=(Evidence(first.at, f"`{schema}.{first.name}` has no default"), *said),
        symbol=f"{each.function.name}: {schema}",
        cure=f"Give `{first.name}` a value here, or a default in `{schema}`.",
    )
