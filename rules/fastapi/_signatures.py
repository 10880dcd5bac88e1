"""Which parameters of a path the handler and its dependencies bind, and which they do not."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._given import Given, Handler, depended, dependings, givens, handlers, is_hidden, provider
from ._wiring import fastapi_endpoints

_PIECE = re.compile(r"\{(\w+)(?::\w+)?\}")
_SIMPLE = frozenset({"int", "str", "UUID", "UUID4", "float", "PositiveInt"})
_REQUESTS = frozenset({"Request", "HTTPConnection", "WebSocket"})
_SECURITY = "fastapi.security."
"""What reads headers, cookies, forms and the query, and nothing of the path."""
_ALIKE = 0.6


class Unbound(NamedTuple):
    """A variable of a path that nobody reads, and the parameter that was probably meant to."""

    handler: Handler
    path: str
    variable: str
    given: Given


def unbound(project: Project) -> tuple[Unbound, ...]:
    """All of them: for each handler the first."""
    found = []
    paths: dict[tuple[Symbol, tree.At], list[str]] = {}
    suspects = [each for each in project[handlers] if _may_be(project, each)]
    for endpoint in project[fastapi_endpoints] if suspects else ():
        paths.setdefault((endpoint.handler, endpoint.at.at), []).append(endpoint.path)
    for handler in suspects:
        each = _unbound(project, handler, paths.get((handler.function, handler.call.at), []))
        if each is not None:
            found.append(each)
    return tuple(found)


def _may_be(project: Project, handler: Handler) -> bool:
    """Whether the path has a parameter that the handler does not name, or the handler one that it lacks."""
    path = handler.call.argument(0, "path")
    if not isinstance(path, tree.Constant) or not isinstance(path.value, str):
        return False
    names = set(_PIECE.findall(path.value))
    facts = function_facts(project, handler.function)
    own = {param.name for param in facts.params} if facts else set()
    return bool(names - own)


def _unbound(project: Project, handler: Handler, paths: list[str]) -> Unbound | None:
    if not paths or any("\x00" in path for path in paths):
        return None
    own = project[givens, handler.function]
    bound = _names(project, handler.function, 5)
    if bound is None or any(_takes_request(each) for each in own):
        return None
    for path in paths:
        missing = [name for name in _PIECE.findall(path) if name not in bound]
        if not missing or len(paths) > 1 or any(name in project[_from_routers] for name in missing):
            continue
        left = [each for each in own if _is_required(each) and each.param.name not in _PIECE.findall(path)]
        for variable in missing:
            match = next((each for each in left if _alike(variable, each.param.name)), None)
            if match is not None:
                return Unbound(handler, path, variable, match)
    return None


def _names(project: Project, function: Symbol, depth: int) -> frozenset[str] | None:
    """The names that a function and its dependencies read; None when one of them is not known."""
    found: set[str] = set()
    if project[is_hidden, function]:
        return None
    for given in project[givens, function]:
        found.add(given.param.name)
        for _, call in given.markers:
            alias = call.keyword("alias")
            if isinstance(alias, tree.Constant) and isinstance(alias.value, str):
                found.add(alias.value)
        for scope, _, node in depended(project, given):
            inner = _of_dependency(project, scope, node if node is not None else given.type, depth)
            if inner is None:
                return None
            found |= inner
    return frozenset(found)


def _of_dependency(project: Project, scope: tuple[str, str], node: tree.Node, depth: int) -> frozenset[str] | None:
    if depth <= 0:
        return None
    symbol = provider(project, scope, node)
    if symbol is not None:
        return _names(project, symbol, depth - 1)
    held = evaluate(project, scope, node)
    if isinstance(held, Symbol) and held.name.startswith(_SECURITY):
        return frozenset()
    answer = resolve_in(project, scope[0], scope[1], node.text) if isinstance(node, tree.Path) else None
    if not isinstance(answer, Symbol) or answer.kind != "class" or not project[ancestry, answer].complete:
        return None
    owners = [class_facts(project, each) for each in project[ancestry, answer].first_party]
    return frozenset(each.name for facts in owners if facts is not None for each in facts.fields)


def _takes_request(given: Given) -> bool:
    return getattr(given.type, "last", "") in _REQUESTS


def _is_required(given: Given) -> bool:
    """Whether a parameter comes from the query and must be given."""
    if given.param.default_code is not None or getattr(given.type, "last", "") not in _SIMPLE:
        return False
    return all(getattr(call.func, "last", "") == "Path" and not call.keywords for _, call in given.markers)


def _alike(variable: str, name: str) -> bool:
    one, other = (each.lower().replace("_", "").replace("pk", "id") for each in (variable, name))
    if one.endswith(other) or other.endswith(one) or one.startswith(other) or other.startswith(one):
        return True
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE


def _from_routers(project: Project) -> frozenset[str]:
    """The names that any dependency reads: those of routers bind what the handlers below do not."""
    found: set[str] = set()
    for path in project.paths:
        for scope, call in project[dependings, path] if not is_aside(path) else ():
            inner = call.args[0] if call.args else call.keyword("dependency")
            names = _of_dependency(project, scope, inner, 4) if inner is not None else None
            found |= names or frozenset()
    return frozenset(found)
