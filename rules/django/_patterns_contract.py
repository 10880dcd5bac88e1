"""Whether views take what their URL patterns capture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, class_member, function_facts, resolve_in
from cdlint.rule import Location

from ._installed import view_ancestry, view_fields
from ._patterns import Pattern, served
from ._patterns_params import captured
from ._settings import aside

VERBS = ("get", "post", "put", "patch", "delete")
_PASSING = ("django.", "rest_framework.", "drf_spectacular.", "drf_yasg.", "csp.", "functools.wraps", "typing.")
_ONE_OBJECT = frozenset(
    {"DetailView", "UpdateView", "DeleteView", "BaseDetailView", "BaseUpdateView", "BaseDeleteView"}
)
_ONE_RESOURCE = frozenset(
    f"{name}APIView"
    for name in ("Retrieve", "Update", "Destroy", "RetrieveUpdate", "RetrieveDestroy", "RetrieveUpdateDestroy")
)
_MANY = frozenset({"ListAPIView", "CreateAPIView", "ListCreateAPIView"})
"""What a view has besides that also answers where no object is named."""
_OWN_WAY = (
    "get_object", "dispatch", "setup", "initial", "retrieve", "update", "partial_update", "destroy", *VERBS
)  # fmt: skip


class Mismatch(NamedTuple):
    """A pattern whose view cannot answer.

    `why`: `class` (no `as_view()`), `object`, `uncalled`, `string`, `unexpected` or `missing` (the parameter
    `name`), `lookup` (the pattern captures none of what the generic view looks an object up by).
    """

    pattern: Pattern
    why: str
    name: str
    handler: Location | None
    method: str = ""


def mismatches(project: Project) -> tuple[Mismatch, ...]:
    """The patterns whose view raises when they match.

    One class often serves two routes, with methods for one of them each. So a method is in order when
    any route can call it, and a route when it can call any method.
    """
    found: dict[object, Mismatch] = {}
    tried: list[tuple[Pattern, dict[Symbol, tuple[Mismatch, ...]]]] = []
    for whole in project[served]:
        for pattern in whole.found if not aside(whole.root) else ():
            for one in _of(project, pattern):
                found.setdefault((pattern.at, one.why, one.name, one.method), one)
            if pattern.form == "as_view" and pattern.view is not None and not pattern.handlers:
                tried.append((pattern, _methods(project, pattern, pattern.view)))
    right = {method for _, methods in tried for method, wrong in methods.items() if not wrong}
    for pattern, methods in tried:
        alone = bool(methods) and right.isdisjoint(methods)
        unserved = bool(methods) and all(methods.values())
        for method, wrong in methods.items():
            if wrong and (alone or unserved or method not in right):
                found.setdefault((method if method not in right else pattern.at), wrong[0])
    return tuple(found.values())


def _of(project: Project, pattern: Pattern) -> Iterator[Mismatch]:
    view, form = pattern.view, pattern.form
    if form == "string":
        yield Mismatch(pattern, "string", "", None)
    if view is None:
        return
    if form in ("class", "object", "uncalled") and _is_plain_view(project, view):
        facts = class_facts(project, view)
        yield Mismatch(pattern, form, view.last, Location(view.path, facts.at) if facts else None)
    known = _known(pattern) if form in ("function", "as_view", "routed") else None
    if known is None:
        return
    names, positional = known
    if form == "function":
        yield from tuple(_calls(project, pattern, view, names, positional, 1, ""))[:1]
    elif pattern.handlers and not positional:
        for handler in pattern.handlers:
            method = project[class_member, (view, handler)]
            if isinstance(method, Symbol) and method.kind == "function" and not _dispatches(project, view):
                yield from tuple(_calls(project, pattern, method, names, 0, 2, f"{view.last}.{handler}"))[:1]
    elif form == "as_view" and not positional:
        yield from _lookups(project, pattern, view, names)


def _known(pattern: Pattern) -> tuple[frozenset[str], int] | None:
    """The keywords and the number of positional arguments that a view gets; None when that varies."""
    known = captured(pattern) if "*" not in pattern.extra else None
    return (known[0] | set(pattern.extra), known[1]) if known is not None else None


def _dispatches(project: Project, view: Symbol) -> bool:
    """Whether a class decides itself what its methods are called with."""
    member = project[class_member, (view, "dispatch")]
    return isinstance(member, Symbol) and member.kind == "function"


def _methods(project: Project, pattern: Pattern, view: Symbol) -> dict[Symbol, tuple[Mismatch, ...]]:
    """The methods that requests to a class are dispatched to, with what is wrong with each."""
    known = _known(pattern)
    found: dict[Symbol, tuple[Mismatch, ...]] = {}
    for verb in VERBS if "*" not in pattern.initial else ():
        method = project[class_member, (view, verb)]
        if isinstance(method, Symbol) and method.kind == "function":
            vague = known is None or known[1] or _dispatches(project, view)
            names = known[0] if known is not None else frozenset()
            wrong = () if vague else tuple(_calls(project, pattern, method, names, 0, 2, f"{view.last}.{verb}"))
            found[method] = wrong
    return found


def _calls(
    project: Project, pattern: Pattern, function: Symbol, names: frozenset[str], positional: int, own: int, method: str
) -> Iterator[Mismatch]:
    """What is wrong with calling a function with the request and what the pattern captures."""
    facts = function_facts(project, function)
    if facts is None or not _passes_through(project, function, facts):
        return
    params = facts.params
    kinds = {param.kind for param in params}
    plain = [param for param in params if param.kind in ("positional-only", "positional")]
    if len(plain) < own or "*" in kinds:
        return
    at = Location(function.path, facts.at)
    taken = {param.name for param in (*plain[own:], *params) if param.kind in ("positional", "keyword")}
    taken -= {param.name for param in plain[:own]}
    for name in sorted(names - taken):
        if "**" not in kinds:
            yield Mismatch(pattern, "unexpected", name, at, method)
    if positional > len(plain) - own:
        return
    rest = [*plain[own + positional :], *(param for param in params if param.kind == "keyword")]
    for param in rest:
        if param.default_code is None and param.name not in names:
            yield Mismatch(pattern, "missing", param.name, at, method)


def _passes_through(project: Project, function: Symbol, facts: Function) -> bool:
    """Whether the decorators of a view pass on what they are given."""
    return all(_passes(project, function, facts.owner, each) for each in facts.decorators)


def _passes(project: Project, function: Symbol, scope: str, decorator: Node) -> bool:
    node = decorator.func if isinstance(decorator, tree.Call) else decorator
    found = resolve_in(project, function.path, scope, node.text) if isinstance(node, tree.Path) else None
    if not isinstance(found, Symbol) or not found.name.startswith(_PASSING) or found.kind != "external":
        return False
    inner = decorator.args if isinstance(decorator, tree.Call) and found.last == "method_decorator" else ()
    return all(_passes(project, function, scope, each) for each in inner)


def _is_plain_view(project: Project, view: Symbol) -> bool:
    """Whether a class is a view that only `as_view()` makes callable."""
    above = project[view_ancestry, view]
    if above.unknown or not any(name.startswith(("django.views.", "rest_framework.")) for name in above.external):
        return False
    if not any(name.rpartition(".")[2].endswith(("View", "ViewSet")) for name in above.external):
        return False
    members = (project[class_member, (view, name)] for name in ("__call__", "__new__", "__init__"))
    return not any(isinstance(each, Symbol) and each.kind == "function" for each in members)


def _lookups(project: Project, pattern: Pattern, view: Symbol, names: frozenset[str]) -> Iterator[Mismatch]:
    """What a generic view looks one object up by."""
    above = project[view_ancestry, view]
    lasts = {
        name.rpartition(".")[2] for name in above.external if name.startswith(("django.views.", "rest_framework."))
    }
    if above.unknown or not all(name.startswith(("django.", "rest_framework.")) for name in above.external):
        return
    for name in _OWN_WAY:
        member = project[class_member, (view, name)]
        if isinstance(member, Symbol) and member.kind == "function":
            return
    if lasts & _ONE_OBJECT:
        wanted = [_text(project, view, "pk_url_kwarg", "pk"), _text(project, view, "slug_url_kwarg", "slug")]
    elif lasts & _ONE_RESOURCE and not lasts & _MANY:
        wanted = [_text(project, view, "lookup_url_kwarg", "") or _text(project, view, "lookup_field", "pk")]
    else:
        return
    special = {"pk_url_kwarg", "slug_url_kwarg", "lookup_url_kwarg", "lookup_field"}
    if None in wanted or names & set(map(str, wanted)) or special & set(pattern.initial):
        return
    facts = class_facts(project, view)
    at = Location(view.path, facts.at) if facts else None
    yield Mismatch(pattern, "lookup", " or ".join(f"`{each}`" for each in wanted), at)


def _text(project: Project, view: Symbol, name: str, default: str) -> str | None:
    """A class variable that is a string; None when it is computed."""
    for _, binding in view_fields(project, view):
        if binding.name == name:
            value = binding.value
            if isinstance(value, tree.Constant) and value.value is None:
                return default
            return value.value if isinstance(value, tree.Constant) and isinstance(value.value, str) else None
    return default
