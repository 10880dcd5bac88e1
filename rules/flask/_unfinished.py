"""Views and application factories that can end without a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, function_facts
from cdlint.project.endings import Ending, ending
from cdlint.project.objects import Bound, Method, Partial
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._endpoints import Registered, registrations
from ._names import below, inner_decorators, wrapper, wrapping
from ._signatures import decorated, stand_ins
from ._watch import APIS, APPLICATIONS, NAMESPACES
from ._wiring import wiring

_VERBS = ("get", "post", "put", "patch", "delete")
_FACTORIES = frozenset(
    {"create_app", "make_app", "create_application", "make_application", "build_app", "app_factory", "make_celery",
     "create_celery", "create_celery_app", "celery_init_app", "init_celery"}
)  # fmt: skip
_MADE = APPLICATIONS | {"celery.Celery"}


class Unfinished(NamedTuple):
    """A view or factory with the place at which it ends; `never` says that it never gives a value.

    `kind`: `view`, `bare`, `factory`, or `wrapper` for what a decorator puts in the place of a view.
    """

    at: Location
    kind: str
    name: str
    never: bool
    registered: Location


def unfinished(project: Project) -> tuple[Unfinished, ...]:
    """All of them, each function once."""
    if not project[wiring]:
        return ()
    found: dict[Symbol, list[tuple[Registered, frozenset[str]]]] = {}
    for each in project[registrations]:
        for function, methods in _views(project, each):
            found.setdefault(function, []).append((each, methods))
    made = [one for function, group in found.items() for one in _view(project, function, group)]
    around = {one.at: one for function, group in found.items() for one in _wrappers(project, function, group)}
    return (
        *made,
        *around.values(),
        *(one for path in project.paths if not is_aside(path) for one in project[_factories, path]),
    )


def _views(project: Project, each: Registered) -> Iterator[tuple[Symbol, frozenset[str]]]:
    """The functions that answer a registration, with the methods that each answers."""
    handler, value = each.handler, each.value
    if handler is None or not each.methods or each.thing.cls in APIS | NAMESPACES:
        return
    if not each.thing.cls.startswith(("flask.", "quart.")):
        return
    if handler.kind == "function":
        if isinstance(value, (Symbol, Method)):
            yield handler, frozenset(each.methods)
    elif isinstance(value, Partial) and isinstance(value.target, Bound) and not decorated(project, handler):
        dispatch = project[class_member, (handler, "dispatch_request")]
        if isinstance(dispatch, Symbol) and dispatch.kind == "function":
            yield dispatch, frozenset(each.methods)
            return
        for verb in _VERBS:
            found = project[class_member, (handler, verb)] if verb.upper() in each.methods else None
            if isinstance(found, Symbol) and found.kind == "function":
                yield found, frozenset({verb.upper()})


def _view(project: Project, function: Symbol, group: list[tuple[Registered, frozenset[str]]]) -> Iterator[Unfinished]:
    facts = function_facts(project, function)
    if facts is None or facts.is_generator or _is_stub(facts) or function in project[stand_ins]:
        return
    first = group[0][0]
    at = first.at.at if function == first.handler else (0, 0, 0, 0)
    if facts.decorator_codes and not all(each.returning for each in inner_decorators(project, function, at)):
        return
    methods = frozenset(method for _, each in group for method in each) - {"HEAD", "OPTIONS"}
    found = ending(project, (function.path, function.name), facts, methods)
    never = not found.values
    if found.past:
        yield Unfinished(Location(function.path, facts.at), "view", function.name, never, first.at)
    for bare in found.bare:
        yield Unfinished(Location(function.path, bare), "bare", function.name, False, first.at)


def _wrappers(
    project: Project, function: Symbol, group: list[tuple[Registered, frozenset[str]]]
) -> Iterator[Unfinished]:
    """What the decorators of a view put in its place, where nothing makes a response of what that returns."""
    facts, first = function_facts(project, function), group[0][0]
    if facts is None or function != first.handler:
        return
    scope = (function.path, facts.parent)
    methods = frozenset(method for _, each in group for method in each) - {"HEAD", "OPTIONS"}
    for node in below(facts, first.at.at):
        symbol = wrapper(project, scope, node)
        around = function_facts(project, symbol) if symbol is not None else None
        if symbol is not None and around is not None and not around.is_generator:
            found = ending(project, (symbol.path, symbol.name), around, methods)
            if found.bare or (found.past and not _answers(around)):
                at = found.bare[0] if found.bare else around.at
                name = getattr(node.func if isinstance(node, tree.Call) else node, "last", symbol.last)
                yield Unfinished(Location(symbol.path, at), "wrapper", name, not found.values, first.at)
        if not wrapping(project, scope, node).returning:
            return


def _answers(wrapper: Function) -> bool:
    """Whether a wrapper has answers of its own, so that its tests may leave nothing over."""
    failing = [
        node for each in wrapper.every(tree.Try) for handler in each.handlers for node in tree.walk(*handler.body)
    ]
    calls = [each.value for each in wrapper.every(tree.Return) if each not in failing]
    views = {getattr(getattr(each, "func", None), "text", "") for each in calls}
    stops = any(call.rpartition(".")[2] == "abort" for call in wrapper.calls) or bool(wrapper.every(tree.Raise))
    return len(views) > 1 or stops


def _is_stub(facts: Function) -> bool:
    """Whether a body is `...`: nobody has written it yet."""
    last = facts.body[-1] if facts.body else None
    value = last.value if isinstance(last, tree.Expression) else None
    return isinstance(value, tree.Constant) and value.value is ...


def _factories(project: Project, path: str) -> tuple[Unfinished, ...]:
    """The factories of a file that make an application and never return it."""
    module = project.module(path)
    found = []
    for function in module.functions if module else ():
        if (
            function.name in _FACTORIES
            and not function.owner
            and not function.is_generator
            and _makes(project, path, function)
        ):
            result: Ending = ending(project, (path, function.qualname), function, frozenset({"*"}))
            if result.past and not result.values:
                at = Location(path, function.at)
                found.append(Unfinished(at, "factory", function.qualname, True, at))
    return tuple(found)


def _makes(project: Project, path: str, function: Function) -> bool:
    """Whether a function keeps a new application to itself: in a local name only, and it does not run it."""
    if not {"run", "run_simple", "serve"}.isdisjoint(function.lasts):
        return False
    for node in function.nodes:
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Call) and len(node.targets) == 1:
            name = getattr(node.targets[0], "text", "")
            if name in function.binds and name not in function.outer:
                made = evaluate(project, (path, function.qualname), node.value.func)
                if isinstance(made, Symbol) and made.name in _MADE:
                    return True
    return False
