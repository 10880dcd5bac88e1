"""A view writes with a serializer whose nested serializers nothing stores.

## Why
The `create()` and `update()` of `ModelSerializer` refuse nested values: the first request that
gives them ends in an `AssertionError`, after validation has accepted it.

## Instead
Write `create()` and `update()` on the serializer, which take the nested values out and store them,
or make the nested serializer `read_only=True`.

## Known limits
Only views that are built on the framework's own classes alone and take their serializer from
`serializer_class` are followed. A nested serializer with `required=False` or a default is passed
over, and so are serializers that handle their input in a way of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import class_facts
from cdlint.rule import Evidence, Finding, Location, rule

from ._nested import unwritten
from ._serializers import Serializer, serializers


@rule(of=serializers, severity="error", constraint="schema", precision="A")
def nested_write_not_implemented(project: Project, shape: Serializer) -> Iterator[Finding]:
    """One finding a nested field."""
    for each in unwritten(project, shape):
        view = class_facts(project, each.view)
        assert view is not None
        yield Finding(
            Location(each.shape.path, each.at),
            f"`{each.view.last}` writes `{each.field}` of `{each.shape.last}`, which has no `{each.method}()` for it.",
            related=(Evidence(Location(each.view.path, view.at), f"`{each.view.last}` takes it from requests"),),
            symbol=f"{each.shape.name}:{each.method}:{each.field}",
            cure=f"Write `{each.method}()` on `{each.shape.last}`, or make `{each.field}` read-only.",
        )
