"""A request is saved with a serializer that has no `create()` or `update()` for what it is given.

## Why
The `create()` and `update()` of `ModelSerializer` refuse nested values and dotted sources: the first
request that gives them ends in an `AssertionError`, after validation has accepted it. A plain
`Serializer` has neither method, and its `save()` raises `NotImplementedError`.

## Instead
Write `create()` and `update()` on the serializer, which take the nested values out and store them,
or make the field `read_only=True`. Where nothing is to be stored, use `validated_data` and no `save()`.

## Known limits
Views must be built on the framework's own classes, and it must be clear which serializer they use.
Actions of a viewset that its `as_view({...})` never names are passed over.
Fields with `required=False` or a default are passed over, and so are serializers that handle their
input in a way of their own. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._serializers import Serializer, serializers
from ._unwritten import Unwritten, unwritten

_MESSAGES = {
    "nested": "`{by}` writes {field} of `{shape}`, which has no `{method}()` for {it}.",
    "dotted": "`{by}` writes {field} of `{shape}` to `{source}`, which its `{method}()` refuses.",
    "plain": "`{by}` saves a `{shape}`, which has no `{method}()`.",
}
_CURES = {
    "nested": "Write `{method}()` on `{shape}`, or make {field} read-only.",
    "dotted": "Write `{method}()` on `{shape}`, or make {field} read-only.",
    "plain": "Write `{method}()` on `{shape}`, or use its `validated_data` without `save()`.",
}


@rule(of=serializers, severity="error", constraint="schema", precision="A")
def write_path_not_implemented(project: Project, shape: Serializer) -> Iterator[Finding]:
    """One finding for each method that is missing, with all fields that need it."""
    by_method: dict[tuple[str, str], list[Unwritten]] = {}
    for each in unwritten(project, shape):
        by_method.setdefault((each.why, each.method), []).append(each)
    for found in by_method.values():
        yield _finding(shape, found)


def _finding(shape: Serializer, found: list[Unwritten]) -> Finding:
    first = found[0]
    words = {
        "by": first.write.by,
        "field": " and ".join(f"`{each.field}`" for each in found),
        "shape": shape.name.last,
        "method": first.method,
        "source": first.source,
        "it": "them" if len(found) > 1 else "it",
    }
    return Finding(
        first.at,
        _MESSAGES[first.why].format(**words),
        related=(Evidence(first.write.at, f"`{first.write.by}` takes it from requests"),),
        symbol=f"{shape.name.name}:{first.method}:{first.field}",
        cure=_CURES[first.why].format(**words),
    )
