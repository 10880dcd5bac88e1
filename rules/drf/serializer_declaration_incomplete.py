"""A serializer leaves out a declared field, the method or rows of a field, its model or its fields.

## Why
The framework looks at these only when the fields of the serializer are built, at the first request:
a field that is declared and missing from `Meta.fields` is an `AssertionError`, a
`SerializerMethodField` without `get_<name>` an `AttributeError`, and a `ModelSerializer` with
neither `fields` nor `exclude`, or without `model`, an `AssertionError`, as is a related field that is
neither read-only nor has a `queryset`. A `validate_<name>` that returns nothing makes the value None,
and one without such a field never runs.

## Instead
List every field that the class itself declares, write the method, or say which fields are meant.

## Known limits
Fields that a base declares may be left out, which is legal. Serializers with bases from other
packages, or that change their fields as they run, are passed over. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._declarations import left_out
from ._serializers import Serializer, serializers

_MESSAGES = {
    "unlisted": "`{shape}` declares `{name}`, but its `Meta.fields` does not list it.",
    "method": "`{shape}` has a `SerializerMethodField` whose method `{name}` does not exist.",
    "fields": "`{shape}` says neither `fields` nor `exclude`.",
    "model": "The `Meta` of `{shape}` names no `model`.",
    "queryset": "The related field `{name}` of `{shape}` can be written and has no `queryset`.",
    "field": "Nothing runs `{shape}.{name}()`: the serializer has no field of that name.",
    "value": "`{shape}.{name}()` never returns the value, so that nothing is left of it.",
}
_CURES = {
    "unlisted": "Add `{name}` to `Meta.fields`, or remove the declaration.",
    "method": "Write `def {name}(self, obj)`, or remove the field.",
    "fields": "List the fields in `Meta.fields`.",
    "model": "Name the model, or derive from `Serializer`.",
    "queryset": "Give `{name}` a `queryset=`, or `read_only=True`.",
    "field": "Name it after the field that it is to validate, or remove it.",
    "value": "Return the value at the end of `{name}()`.",
}


@rule(of=serializers, severity="error", constraint="schema")
def serializer_declaration_incomplete(project: Project, shape: Serializer) -> Iterator[Finding]:
    """One finding for each thing that is left out."""
    for each in left_out(project, shape):
        yield Finding(
            each.at,
            _MESSAGES[each.why].format(shape=shape.name.name, name=each.name),
            symbol=f"{shape.name.name}:{each.why}:{each.name}",
            cure=_CURES[each.why].format(name=each.name),
        )
