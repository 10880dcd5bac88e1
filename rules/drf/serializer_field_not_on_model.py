"""A serializer names a field that its model does not have.

## Why
`Meta.fields` and `source=` are strings. A name that the model lacks raises `ImproperlyConfigured` or
`AttributeError` when the first request is serialized, so it passes every import and every test that
does not render this serializer; a field that is only read is left out of the answer in silence. In
`read_only_fields` and `extra_kwargs` it is worse: it is ignored, and the field that was meant stays
writable.

## Instead
Use the name of a field, relation, property or method of the model, or declare the field on the
serializer.

## Known limits
Serializers with bases from other packages, or that change their fields as they run, and models whose
attributes are not all known are passed over. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.entities import entity
from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._fields import Misnamed, misnamed, near
from ._serializers import Serializer, serializers

_MESSAGES = {
    "fields": "`fields` of `{shape}` lists `{name}`, which neither the serializer nor `{model}` has.",
    "read_only_fields": "`read_only_fields` of `{shape}` lists `{name}`, which is ignored: `{model}` has none.",
    "extra_kwargs": "`extra_kwargs` of `{shape}` is about `{name}`, which `{model}` does not have, so it is ignored.",
    "source": "`{shape}` takes a field from `{name}`, but `{model}` has no `{part}`.",
    "slug_field": "`{shape}` finds rows of `{model}` by `{name}`, but `{model}` has no `{part}`.",
    "same": "`source` of `{shape}.{name}` repeats the name of the field, which the framework refuses.",
}


@rule(of=serializers, severity="error", constraint="schema")
def serializer_field_not_on_model(project: Project, shape: Serializer) -> Iterator[Finding]:
    """One finding a name."""
    for each in misnamed(project, shape):
        facts = class_facts(project, each.model)
        related = (
            (Evidence(Location(each.model.path, facts.at), f"`{each.model.last}` is defined here"),) if facts else ()
        )
        message = _MESSAGES[each.why].format(
            shape=shape.name.name, name=each.name, model=each.model.last, part=each.part
        )  # fmt: skip
        yield Finding(
            each.at,
            message,
            related=related,
            symbol=f"{shape.name.name}:{each.why}:{each.name}",
            cure=_cure(project, each),
        )


def _cure(project: Project, each: Misnamed) -> str:
    if each.why == "same":
        return "Leave `source` out."
    known = entity(project, each.model)
    close = near(known, each.part) if known is not None else ""
    return f"Did you mean `{close}`?" if close else ""
