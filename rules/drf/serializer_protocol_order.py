"""A serializer is used before it is validated, its verdict is ignored, or many rows are given as one.

## Why
`.save()`, `.validated_data` and `.data` of a serializer that was given `data=` assert that
`is_valid()` ran; after an `is_valid()` whose result nobody looks at, `.save()` raises
`AssertionError` for every invalid request instead of answering 400. A queryset without `many=True`
is taken for one object, and reading its first field raises `AttributeError`.

## Instead
Call `serializer.is_valid(raise_exception=True)` first, and pass `many=True` for several rows.

## Known limits
Serializers that are handed to other functions, or that have their own constructor or `is_valid`, are
passed over, and `get_serializer()` of views that decide themselves which serializer to take. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._protocol import Use, acting, misordered

_MESSAGES = {
    "unchecked": "`{name}` of a `{shape}` is used, but nothing calls `is_valid()` before.",
    "ignored": "The result of `is_valid()` is ignored, so `{name}` of the `{shape}` raises for invalid data.",
    "many": "A `{shape}` is given a queryset without `many=True`.",
}
_CURES = {
    "unchecked": "Call `is_valid(raise_exception=True)` first.",
    "ignored": "Pass `raise_exception=True`.",
    "many": "Pass `many=True`.",
}


@rule(of=acting, severity="error", constraint="contract")
def serializer_protocol_order(project: Project, use: Use) -> Iterator[Finding]:
    """One finding a serializer."""
    for each in misordered(project, use):
        yield Finding(
            Location(use.path, each.at),
            _MESSAGES[each.why].format(name=each.name, shape=each.shape),
            symbol=f"{use.qualname}:{each.shape}:{each.why}",
            cure=_CURES[each.why],
        )
