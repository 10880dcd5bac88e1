"""What class-based views read from `self.kwargs` that none of their URL patterns captures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.rule import Location

from ._patterns import Pattern, Patterns, every, served
from ._patterns_params import captured
from ._settings import aside

_HOOKS = frozenset(
    {
        "get", "post", "put", "patch", "delete", "head", "options", "list", "create", "retrieve", "update",
        "partial_update", "destroy", "perform_create", "perform_update", "perform_destroy", "get_queryset",
        "get_object", "get_context_data", "get_template_names", "get_redirect_url", "get_success_url", "get_initial",
        "get_form", "get_form_class", "get_form_kwargs", "get_prefix", "form_valid", "form_invalid", "test_func",
        "has_permission", "get_permissions", "get_serializer", "get_serializer_class", "get_serializer_context",
        "check_permissions", "filter_queryset", "get_paginate_by", "get_ordering", "get_login_url", "get_date",
    }
)  # fmt: skip
"""The methods of a view that the frameworks call."""


class Uncaptured(NamedTuple):
    """A key that a view reads, where, and one of its patterns."""

    view: Symbol
    key: str
    at: Location
    pattern: Pattern


def uncaptured(project: Project) -> tuple[Uncaptured, ...]:
    """Keys that no pattern of any view which has the method captures."""
    routes = _routes(project, project[served])
    if not any(_lost(project, view, patterns) for view, patterns in routes.items()):
        return ()
    # Only now the URLconfs of tests and of other sites, which may lead to the same view.
    more = _routes(project, project[every])
    return tuple(found for view in routes for found in _lost(project, view, more[view]))


def _routes(project: Project, wholes: tuple[Patterns, ...]) -> dict[Symbol, list[Pattern]]:
    """Class -> the patterns of the views that have its methods."""
    routes: dict[Symbol, list[Pattern]] = {}
    for whole in wholes:
        for pattern in whole.found:
            if pattern.view is not None and pattern.view.kind == "class":
                for owner in project[ancestry, pattern.view].first_party:
                    routes.setdefault(owner, []).append(pattern)
    return routes


def _lost(project: Project, view: Symbol, patterns: list[Pattern]) -> list[Uncaptured]:
    """What the methods of a class read that none of its patterns captures."""
    read = () if aside(view.path) else project[_read, view]
    if not read or any(pattern.form not in ("as_view", "routed") for pattern in patterns):
        return []
    known = [captured(each) if "*" not in each.extra else None for each in patterns]
    names = {name for each in known if each is not None for name in each[0]}
    names |= {name for each in patterns for name in each.extra}
    if any(each is None or each[1] for each in known):
        return []
    found: dict[str, Uncaptured] = {}
    for method, key, at in read:
        if key not in names and any(_runs(project, each.view, view, method) for each in patterns):
            found.setdefault(key, Uncaptured(view, key, at, patterns[0]))
    return list(found.values())


def _runs(project: Project, view: Symbol | None, owner: Symbol, method: Function) -> bool:
    """Whether a view comes to a method of a class above it: something calls it, and nothing stands before it."""
    line = project[ancestry, view].first_party if view is not None else ()
    owned = [[each for each in project[functions_of, cls.path].values() if each.owner == cls.name] for cls in line]
    before = [each for functions in owned[: line.index(owner)] for each in functions if each.name == method.name]
    if any(f"?.{method.name}" not in each.calls for each in before):
        return False
    called = method.name in _HOOKS or any("action" in words(code) for code in method.decorator_codes)
    return called or any(each.mentions(f"self.{method.name}") for functions in owned for each in functions)


def _read(project: Project, view: Symbol) -> tuple[tuple[Function, str, Location], ...]:
    """The keys that each method of a class reads, none when it puts keys in or asks for them."""
    facts = class_facts(project, view)
    methods = [project[functions_of, view.path].get(f"{view.name}.{name}") for name in (facts.methods if facts else ())]
    found: list[tuple[Function, str, Location]] = []
    for method in methods:
        if method is not None and method.mentions("kwargs") and method.params:
            if method.name in ("dispatch", "setup", "as_view", "initial", "initialize_request"):
                return ()
            for key, at in _keys(method):
                if not key:
                    return ()
                found.append((method, key, Location(view.path, at)))
    return tuple(found)


def _keys(method: Function) -> Iterator[tuple[str, tree.At]]:
    """The keys read in a method; `""` when something is done with the mapping that may add to it or look before."""
    own = f"{method.params[0].name}.kwargs"
    read = {node.value.at: node for node in method.nodes if isinstance(node, tree.Subscript)}
    stored = {t.at for n in method.nodes if isinstance(n, (tree.Assign, tree.Delete)) for t in n.targets}
    for node in method.nodes:
        if isinstance(node, tree.Try):
            yield "", node.at
        if isinstance(node, tree.Compare) and any(getattr(each, "text", "") == own for each in node.terms):
            yield "", node.at
        if isinstance(node, tree.Path) and node.text == own:
            place = read.get(node.at)
            key = place.index.value if place is not None and isinstance(place.index, tree.Constant) else None
            if place is not None and place.at in stored:
                yield "", node.at
            elif isinstance(key, str):
                yield key, node.at
        elif isinstance(node, tree.Path) and node.text in (f"{own}.setdefault", f"{own}.update", f"{own}.pop"):
            yield "", node.at
