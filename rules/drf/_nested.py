"""Nested serializers that a request writes through, and who would have to store what they give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, functions_of

from ._rows import drf_classes_in, shape_of
from ._serializers import Serializer, declared, has_method

_CREATING = frozenset({"ModelViewSet", "CreateModelMixin", "CreateAPIView", "ListCreateAPIView"})
_UPDATING = frozenset(
    {"ModelViewSet", "UpdateModelMixin", "UpdateAPIView", "RetrieveUpdateAPIView", "RetrieveUpdateDestroyAPIView"}
)
_OF_VIEW = frozenset(
    {"get_serializer_class", "get_serializer", "http_method_names", "create", "update", "post", "put", "patch", "save"}
)
_OF_SERIALIZER = frozenset(
    {"__init__", "get_fields", "run_validation", "save", "to_internal_value", "validate", "build_nested_field"}
)


class Unwritten(NamedTuple):
    """A nested field of a serializer whose `method` is the framework's own, which refuses nested values."""

    view: Symbol
    method: str
    shape: Symbol
    field: str
    at: tree.At


def unwritten(project: Project, shape: Serializer) -> tuple[Unwritten, ...]:
    """The nested fields that a view lets requests write though nothing stores them."""
    if not shape.of_model or not shape.whole:
        return ()
    nested = [each for each in project[declared, shape.name] if each.kind == "Serializer" and _is_written(each.call)]
    views = project[_writers].get(shape.name, ()) if nested else ()
    above = [class_facts(project, owner) for owner in project[ancestry, shape.name].first_party]
    if not views or any(facts is None or not _OF_SERIALIZER.isdisjoint(facts.methods) for facts in above):
        return ()
    for view, method in views:
        if not has_method(project, shape.name, method):
            return tuple(Unwritten(view, method, shape.name, each.name, each.at) for each in nested)
    return ()


def _is_written(call: tree.Call) -> bool:
    given = {each.name: each.value for each in call.keywords}
    if None in given or not {"source", "required", "default"}.isdisjoint(given):
        source = given.get("source")
        star = isinstance(source, tree.Constant) and "." not in str(source.value) and source.value != "*"
        if None in given or not star or not {"required", "default"}.isdisjoint(given):
            return False
    value = given.get("read_only")
    return value is None or (isinstance(value, tree.Constant) and value.value is False)


def _writers(project: Project) -> dict[Symbol, tuple[tuple[Symbol, str], ...]]:
    """Serializer -> the views that write with it, and the method that each needs."""
    found: dict[Symbol, list[tuple[Symbol, str]]] = {}
    for path in project.paths:
        for view in project[drf_classes_in, path]:
            shape = shape_of(project, view)
            if shape is not None:
                found.setdefault(shape, []).extend((view, method) for method in _needs(project, view))
    return {shape: tuple(views) for shape, views in found.items() if views}


def _needs(project: Project, view: Symbol) -> Iterator[str]:
    above = project[ancestry, view]
    if above.unknown or not all(name.startswith("rest_framework.") for name in above.external):
        return
    names: set[str] = set()
    for owner in above.first_party:
        facts = class_facts(project, owner)
        names.update((*facts.methods, *(each.name for each in facts.fields)) if facts is not None else ())
    lasts = {name.rpartition(".")[2] for name in above.external}
    if not names & _OF_VIEW:
        if lasts & _CREATING and not _handles_itself(project, above.first_party, "perform_create"):
            yield "create"
        if lasts & _UPDATING and not _handles_itself(project, above.first_party, "perform_update"):
            yield "update"


def _handles_itself(project: Project, owners: tuple[Symbol, ...], name: str) -> bool:
    """Whether a view's own hook may take the nested values out."""
    for owner in owners:
        function = project[functions_of, owner.path].get(f"{owner.name}.{name}")
        if function is not None:
            return function.mentions("validated_data") or not any(c.endswith("serializer.save") for c in function.calls)
    return False
