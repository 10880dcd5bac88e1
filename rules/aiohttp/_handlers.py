"""Handlers of aiohttp that cannot answer: what they read, take, return and how they can end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.backend.wiring import HIDDEN, Route
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts
from cdlint.project.endings import ending
from cdlint.project.object_traces import traces
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._unserved import Broken
from ._wiring import VERBS, WATCH, tables

VARIABLE = re.compile(r"\{\s*([a-zA-Z_]\w*)\s*(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")
_DATA = (tree.Constant, tree.FString, tree.Mapping, tree.Sequence, tree.Comprehension)
"""Expressions whose values are no responses, None left out."""


def handled(project: Project) -> Iterator[Broken]:
    """Handlers that read a variable which their path lacks, or that can end without a response."""
    paths: dict[Symbol, list[tuple[str, Route]]] = {}
    for table in project[tables]:
        for each in table:
            if isinstance(each.route, Route) and each.route.handler is not None:
                paths.setdefault(each.route.handler, []).append((each.path, each.route))
    for handler, group in paths.items():
        if any(HIDDEN in path for path, _ in group):
            continue
        known = {name for path, _ in group for name in VARIABLE.findall(path)}
        methods = frozenset(method for _, route in group for method in route.methods) - {"HEAD", "OPTIONS"}
        for function, facts, answers in _functions(project, handler, methods):
            yield from _matches(function, facts, known, group[0][1])
            yield from _endings(project, function, facts, answers, group[0][1])
            yield from _shape(function, facts, handler, group[0][1])
            yield from _values(project, function, facts, group[0][1])
    yield from _contexts(project)


def _functions(
    project: Project, handler: Symbol, methods: frozenset[str]
) -> Iterator[tuple[Symbol, Function, frozenset[str]]]:
    """The functions of a handler, with the methods of the requests that each answers."""
    facts = function_facts(project, handler) if handler.kind == "function" else None
    if facts is not None:
        yield handler, facts, methods
    cls = class_facts(project, handler) if handler.kind == "class" else None
    for verb in VERBS if cls is not None else ():
        function = Symbol("function", handler.path, f"{handler.name}.{verb}")
        inner = function_facts(project, function)
        if inner is not None:
            yield function, inner, frozenset({verb.upper()})


def _matches(function: Symbol, facts: Function, known: set[str], route: Route) -> Iterator[Broken]:
    if not facts.mentions("match_info"):
        return
    for node in facts.nodes:
        if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") == "match_info":
            key = node.index.value if isinstance(node.index, tree.Constant) else None
            if isinstance(key, str) and key not in known:
                yield Broken("match", key, Location(function.path, node.at), route.at, function.name)


def _endings(
    project: Project, function: Symbol, facts: Function, methods: frozenset[str], route: Route
) -> Iterator[Broken]:
    if (facts.decorator_codes and not _is_routed(facts)) or facts.is_generator or not methods or not facts.is_async:
        return
    found = ending(project, (function.path, function.name), facts, methods)
    if found.past:
        yield Broken(
            "past", function.name, Location(function.path, facts.at), route.at, "" if found.values else "never"
        )
    for at in found.bare:
        yield Broken("bare", function.name, Location(function.path, at), route.at, "")


def _is_routed(facts: Function) -> bool:
    """Whether all decorators of a handler are methods of route tables, which give it back as it is."""
    decorators = [each.func for each in facts.decorators if isinstance(each, tree.Call)]
    verbs = {*VERBS, "route", "view"}
    return len(decorators) == len(facts.decorators) and all(getattr(each, "last", "") in verbs for each in decorators)


def _shape(function: Symbol, facts: Function, handler: Symbol, route: Route) -> Iterator[Broken]:
    """A handler that cannot be called with the request alone; a method of a view is called with nothing."""
    if facts.decorator_codes and not _is_routed(facts):
        return
    params = [each for each in facts.params if each.kind.startswith("positional")]
    more = any(each.kind == "*" for each in facts.params)
    asked = [each.name for each in facts.params if each.default_code is None and not each.kind.startswith("*")]
    own = 1 if facts.owner else 0
    given = own + (0 if handler.kind == "class" else 1)
    names = [each for each in asked if each not in [each.name for each in params[:given]]]
    if names:
        yield Broken("asks", names[0], Location(function.path, facts.at), route.at, function.name)
    elif len(params) < given and not more:
        yield Broken("takes", function.name, Location(function.path, facts.at), route.at, "")


def _values(project: Project, function: Symbol, facts: Function, route: Route) -> Iterator[Broken]:
    """What a handler returns that is no response, unless a middleware may make one of it."""
    if (facts.decorator_codes and not _is_routed(facts)) or facts.is_generator or not facts.is_async:
        return
    if any(project[_converts, path] for path in project.paths):
        return
    for node in facts.nodes:
        if not isinstance(node, tree.Return) or node.value is None:
            continue
        plain = isinstance(node.value, _DATA) and not (
            isinstance(node.value, tree.Constant) and node.value.value is None
        )
        if plain or _is_error(project, (function.path, function.name), node.value):
            yield Broken("value", function.name, Location(function.path, node.at), route.at, "")


def _is_error(project: Project, scope: tuple[str, str], node: tree.Node) -> bool:
    """Whether a value is made on the spot of a class of the repository that is an exception of no web framework."""
    answer = evaluate(project, scope, node.func) if isinstance(node, tree.Call) else None
    if not isinstance(answer, Symbol) or answer.kind != "class":
        return False
    above = project[ancestry, answer]
    return not above.unknown and bool(above.external) and all(each.startswith("builtins.") for each in above.external)


def _converts(project: Project, path: str) -> bool:
    """Whether a file may turn what handlers return into something else: a middleware that looks at it."""
    module = None if is_aside(path) else project.module(path)
    for function in module.functions if module is not None else ():
        if not {"handler", "next_handler", "call_next"}.isdisjoint(function.lasts):
            if any(call in ("isinstance", "type", "hasattr", "getattr", "callable") for call in function.calls):
                return True
            kept = [
                node
                for node in function.nodes
                if isinstance(node, tree.Call)
                and any(isinstance(each, tree.Await) for each in (*node.args, *(word.value for word in node.keywords)))
            ]
            if kept:
                return True
    return False


def _contexts(project: Project) -> Iterator[Broken]:
    """Functions in `cleanup_ctx` that never yield."""
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            given = happening.argument(0, "callback") if happening.method == "cleanup_ctx.append" else None
            facts = function_facts(project, given) if isinstance(given, Symbol) else None
            if facts is None or not isinstance(given, Symbol) or facts.is_generator or facts.decorator_codes:
                continue
            if facts.returns_code is None or not facts.holds(tree.Return):
                yield Broken("context", given.last, Location(given.path, facts.at), None, "")
