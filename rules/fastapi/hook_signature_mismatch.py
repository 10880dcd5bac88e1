"""An exception handler or a middleware function does not take the two values that it is given.

## Why
The framework calls a handler of exceptions with the request and the exception, and a function under
`@app.middleware("http")` with the request and `call_next`. A function that takes something else
raises TypeError when it is needed: an error that should be a 404 becomes a 500.

## Instead
Write `async def handler(request: Request, exc: SomeError)` and
`async def middleware(request: Request, call_next)`.

## Known limits
Only functions of the repository are looked at that are given by name or decorated, and whose other
decorators are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calling, words
from cdlint.project.classes import function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import is_used
from ._watch import APPLICATIONS

_DECORATORS = {"exception_handler": "the request and the exception", "middleware": "the request and `call_next`"}
_NAMES = frozenset(_DECORATORS)
_MADE = frozenset(f"{name}()" for name in APPLICATIONS)


class Hook(NamedTuple):
    """A function that the framework calls with two values, `given` in words, and where it is registered."""

    function: Symbol
    given: str
    at: Location


def hooks(project: Project) -> tuple[Hook, ...]:
    """Those of code that serves."""
    if not project[is_used]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[_hooks_in, path])


def _hooks_in(project: Project, path: str) -> tuple[Hook, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        if len(function.decorator_codes) != 1 or function.owner or not words(function.decorator_codes[0]) & _NAMES:
            continue
        decorator = function.decorators[0]
        last = getattr(decorator.func, "last", "") if isinstance(decorator, tree.Call) else ""
        scope = (path, function.parent)
        if isinstance(decorator, tree.Call) and last in _NAMES and _is_application(project, scope, decorator.func):
            symbol = Symbol("function", path, function.qualname)
            found.append(Hook(symbol, _DECORATORS[last], Location(path, decorator.at)))
    if "add_exception_handler" in project[called_names, path]:
        for function in calling(project, path, frozenset({"add_exception_handler"})):
            found.extend(_added(project, path, function))
    return tuple(found)


def _added(project: Project, path: str, function: Function) -> Iterator[Hook]:
    scope = (path, function.qualname)
    for call in function.call_nodes:
        if getattr(call.func, "last", "") == "add_exception_handler" and _is_application(project, scope, call.func):
            given = call.argument(1, "handler")
            answer = _meaning(project, scope, given) if isinstance(given, tree.Path) else None
            if isinstance(answer, Symbol) and answer.kind == "function":
                yield Hook(answer, _DECORATORS["exception_handler"], Location(path, call.at))


def _is_application(project: Project, scope: tuple[str, str], func: Node) -> bool:
    owner = func.text.rpartition(".")[0] if isinstance(func, tree.Path) else ""
    answer = _meaning(project, scope, tree.Path(owner, func.at)) if owner else None
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name in _MADE


def _meaning(project: Project, scope: tuple[str, str], node: Node) -> object:
    try:
        return evaluate(project, scope, node)
    except CyclicFact:
        return None


@rule(of=hooks, severity="error", constraint="wiring")
def hook_signature_mismatch(project: Project, hook: Hook) -> Iterator[Finding]:
    """One finding a function."""
    function = function_facts(project, hook.function)
    if function is None or (function.decorator_codes and hook.at.path != hook.function.path):
        return
    at: At = function.at
    params = function.params[1:] if function.owner else function.params
    positional = [each for each in params if each.kind in ("positional", "positional-only")]
    needed = [each for each in positional if each.default_code is None]
    is_open = any(each.kind == "*" for each in params)
    wanted = any(each.kind == "keyword" and each.default_code is None for each in params)
    if len(needed) <= 2 and (len(positional) >= 2 or is_open) and not wanted:
        return
    yield Finding(
        Location(hook.function.path, at),
        f"`{function.name}` is called with {hook.given}, which it does not take so.",
        related=(Evidence(hook.at, "it is registered here"),),
        symbol=hook.function.name,
        cure=f"Let it take {hook.given}.",
    )
