"""The views and viewsets of Django REST framework, how they are routed, and what is wrong with their set-up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, functions_of, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

_SETS = frozenset({"ViewSet", "GenericViewSet", "ModelViewSet", "ReadOnlyModelViewSet", "ViewSetMixin"})
_GENERIC = frozenset(
    {
        "ModelViewSet", "ReadOnlyModelViewSet", "ListAPIView", "RetrieveAPIView", "UpdateAPIView",
        "ListCreateAPIView", "RetrieveUpdateAPIView", "RetrieveDestroyAPIView",
        "RetrieveUpdateDestroyAPIView",
    }
)  # fmt: skip
_MIXINS = frozenset(["ListModelMixin", "RetrieveModelMixin", "UpdateModelMixin"])
_MIXED_INTO = frozenset(["GenericViewSet", "GenericAPIView"])
_SEQUENCES = frozenset(
    [
        "permission_classes",
        "authentication_classes",
        "renderer_classes",
        "parser_classes",
        "throttle_classes",
        "filter_backends",
    ]
)
_HANDLERS = frozenset(
    {
        "list", "create", "retrieve", "update", "partial_update", "destroy", "get", "post", "put", "patch",
        "delete", "dispatch",
    }
)  # fmt: skip
_ROUTING = frozenset({"as_view", "register"})
_VIEWS = tuple(f"rest_framework.{home}." for home in ("views", "viewsets", "generics", "mixins"))
_ROUTERS = ("rest_framework.routers.", "rest_framework_nested.routers.", "rest_framework_extensions.routers.")


class Wrong(NamedTuple):
    """`why`: `sequence`, `detail`, `actions`, `basename`, `queryset` or `serializer`."""

    why: str
    owner: str
    name: str
    at: Location


def files(project: Project) -> tuple[str, ...]:
    """The files that may set up or route views; tests are left out."""
    return tuple(path for path in project.paths if not is_aside(path) and project[_concerns, path])


def _concerns(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None:
        return False
    if any(each.module.startswith("rest_framework") for each in module.imports):
        return True
    if any(field.name in _SEQUENCES for each in module.classes for field in each.fields):
        return True
    if _ROUTING.isdisjoint(project[called_names, path]):
        return False
    return any(call.endswith((".as_view", ".register")) for function in module.functions for call in function.calls)


def misconfigured(project: Project, path: str) -> tuple[Wrong, ...]:
    """What is wrong with the views of a file, and with those that it routes."""
    return tuple(dict.fromkeys((*_in_classes(project, path), *_in_actions(project, path), *_in_routes(project, path))))


def is_view(project: Project, symbol: Symbol, names: frozenset[str]) -> bool:
    """Whether a class is built on one of these views of the framework."""
    above = project[ancestry, symbol].external
    return any(name.startswith("rest_framework.") and name.rpartition(".")[2] in names for name in above)


def _in_classes(project: Project, path: str) -> Iterator[Wrong]:
    module = project.module(path)
    for facts in module.classes if module is not None else ():
        for field in facts.fields:
            if field.name not in _SEQUENCES or field.kind != "assign" or field.callee:
                continue
            symbol = Symbol("class", path, facts.qualname)
            rest = any(name.startswith(_VIEWS) for name in project[ancestry, symbol].external)
            if rest and _is_class(project, path, field.value):
                yield Wrong("sequence", facts.name, field.name, Location(path, field.at))


def _is_class(project: Project, path: str, node: Node | None) -> bool:
    if isinstance(node, tree.Binary) and node.op in ("|", "&"):
        return all(_is_class(project, path, term) for term in node.terms)
    if not isinstance(node, tree.Path):
        return False
    answer = resolve_in(project, path, "", node.text)
    if not isinstance(answer, Symbol):
        return False
    known = answer.kind == "external" and answer.name.startswith(("rest_framework.", "django_filters."))
    return answer.kind == "class" or (known and answer.last[:1].isupper() and not answer.last.isupper())


def _in_actions(project: Project, path: str) -> Iterator[Wrong]:
    module = project.module(path)
    for function in module.functions if module is not None else ():
        for node in function.decorators if function.owner and function.decorator_codes else ():
            func = node.func if isinstance(node, tree.Call) else node
            if getattr(func, "last", "") != "action" or not isinstance(func, tree.Path):
                continue
            answer = resolve_in(project, path, "", func.text)
            if not isinstance(answer, Symbol) or answer.name != "rest_framework.decorators.action":
                continue
            given = isinstance(node, tree.Call) and (
                len(node.args) > 1 or any(each.name in ("detail", None) for each in node.keywords)
            )
            if not given:
                yield Wrong("detail", function.owner, function.name, Location(path, function.at))


def _in_routes(project: Project, path: str) -> Iterator[Wrong]:
    for function in project[functions_of, path].values():
        if any(call.endswith((".as_view", ".register")) for call in function.calls):
            for call in function.call_nodes:
                last = getattr(call.func, "last", "")
                if last == "as_view" and isinstance(call.func, tree.Path):
                    yield from _viewed(project, path, function, call)
                elif last == "register" and len(call.args) >= 2:
                    yield from _registered(project, path, function, call)


def _class(project: Project, path: str, function: Function, text: str) -> Symbol | None:
    scope = function.qualname if text.partition(".")[0] in function.binds else ""
    answer = resolve_in(project, path, scope, text)
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _viewed(project: Project, path: str, function: Function, call: tree.Call) -> Iterator[Wrong]:
    view = _class(project, path, function, call.func.text.rpartition(".")[0])
    if view is None:
        return
    if (
        is_view(project, view, _SETS)
        and not call.args
        and not call.keywords
        and not _overrides(project, view, "as_view")
    ):
        yield Wrong("actions", view.last, "as_view", Location(path, call.at))
    elif not call.keywords:
        yield from _incomplete(project, view)


def _registered(project: Project, path: str, function: Function, call: tree.Call) -> Iterator[Wrong]:
    given = call.args[1]
    view = _class(project, path, function, given.text) if isinstance(given, tree.Path) else None
    if view is None or not is_view(project, view, _SETS):
        return
    owner = evaluate(project, (path, function.qualname), _owner(call.func))
    known = isinstance(owner, Symbol) and owner.kind == "external" and owner.name.startswith(_ROUTERS)
    named = len(call.args) > 2 or any(each.name in ("basename", "base_name", None) for each in call.keywords)
    if known and not named and _whole(project, view) and not _has(project, view, "queryset"):
        yield Wrong("basename", view.last, "register", Location(path, call.at))
    yield from _incomplete(project, view)


def _owner(func: Node) -> Node:
    if isinstance(func, tree.Path):
        return tree.Path(func.text.rpartition(".")[0], func.at)
    return func.value if isinstance(func, tree.Attribute) and "." not in func.text else None


def _incomplete(project: Project, view: Symbol) -> Iterator[Wrong]:
    """A generic view without what its handlers need, none of which it writes itself."""
    facts = class_facts(project, view)
    mixed = is_view(project, view, _MIXINS) and is_view(project, view, _MIXED_INTO)
    if facts is None or not (mixed or is_view(project, view, _GENERIC)) or not _whole(project, view):
        return
    at = Location(view.path, facts.at)
    if any(_has(project, view, name) for name in (*_HANDLERS, "http_method_names")):
        return
    if not any(_has(project, view, name) for name in ("queryset", "get_queryset", "get_object")):
        yield Wrong("queryset", view.last, "queryset", at)
    if not any(_has(project, view, name) for name in ("serializer_class", "get_serializer_class", "get_serializer")):
        yield Wrong("serializer", view.last, "serializer_class", at)


def _whole(project: Project, view: Symbol) -> bool:
    above = project[ancestry, view]
    outside = (name for name in above.external if name not in TRANSPARENT)
    return not above.unknown and all(name.startswith(("rest_framework.", "django.views.")) for name in outside)


def _has(project: Project, view: Symbol, name: str) -> bool:
    for owner in project[ancestry, view].first_party:
        facts = class_facts(project, owner)
        if facts is not None and (name in facts.methods or any(field.name == name for field in facts.fields)):
            return True
    return False


def _overrides(project: Project, view: Symbol, name: str) -> bool:
    return _has(project, view, name) or not _whole(project, view)
