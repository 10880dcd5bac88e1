"""Which actions of a viewset URL patterns lead to, and which helpers of lists load relations along."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling, words
from cdlint.project.classes import fields, functions_of
from cdlint.project.places import is_aside

_HELPING = {"filter_queryset": "filter_backends", "paginate_queryset": "pagination_class"}
"""Method of a helper -> the attribute of a view that names such helpers."""
_ROUTING = frozenset({"as_view", "register"})
_LOADING = ("select_related", "prefetch_related")


def is_served(project: Project, view: Symbol, *actions: str) -> bool:
    """Whether a URL may lead to one of these actions; False where all patterns of a viewset name others."""
    found: frozenset[str] = frozenset()
    for path in project.paths:
        if not is_aside(path):
            named = project[_actions_in, (path, view.last)]
            if named is None:
                return True
            found |= named
    return not found or not found.isdisjoint(actions)


def _actions_in(project: Project, key: tuple[str, str]) -> frozenset[str] | None:
    """The actions that a file names for a view in `as_view({"get": "list"})`; None when it may lead to any."""
    path, name = key
    found: set[str] = set()
    for function in calling(project, path, _ROUTING):
        if not function.mentions(name):
            continue
        for call in function.call_nodes:
            last = getattr(call.func, "last", "")
            if last == "register" and any(name in each.text.split(".") for each in _paths(call)):
                return None
            if last == "as_view" and getattr(call.func, "text", "").split(".")[-2:-1] == [name]:
                items = call.args[0].items if call.args and isinstance(call.args[0], tree.Mapping) else ()
                values = [value.value for _, value in items if isinstance(value, tree.Constant)]
                if not values or len(values) < len(items):
                    return None
                found.update(value for value in values if isinstance(value, str))
    return frozenset(found)


def _paths(call: tree.Call) -> list[tree.Path]:
    return [each for each in tree.walk(*call.args, *call.keywords) if isinstance(each, tree.Path)]


def is_loaded_along(project: Project, view: Symbol) -> bool:
    """Whether a filter or a paginator of the repository may load relations of the rows of a list."""
    helpers = {each for path in project.paths if not is_aside(path) for each in project[_helpers_in, path]}
    if not helpers:
        return False
    bound = {binding.name: binding for _, binding in fields(project, view)}
    for method, attribute in _HELPING.items():
        named = bound.get(attribute)
        if named is None or named.value_code is None:
            # The settings may name one for all views.
            if any(each == method for each, _ in helpers):
                return True
        elif any((method, word) in helpers for word in words(named.value_code)):
            return True
    return False


def _helpers_in(project: Project, path: str) -> frozenset[tuple[str, str]]:
    """The classes of a file with such a method that loads relations, by the method."""
    module = project.module(path)
    return frozenset(
        (method, cls.name)
        for cls in (module.classes if module is not None else ())
        for method in _HELPING
        if method in cls.methods
        and any(project[functions_of, path][f"{cls.qualname}.{method}"].mentions(word) for word in _LOADING)
    )
