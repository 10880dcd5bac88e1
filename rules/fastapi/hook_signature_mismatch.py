"""An exception handler or a middleware function does not take the two values that it is given.

## Why
The framework calls a handler of exceptions with the request and the exception, and a function under
`@app.middleware("http")` with the request and `call_next`. A function that takes something else
raises TypeError when it is needed: an error that should be a 404 becomes a 500.

## Instead
Write `async def handler(request: Request, exc: SomeError)` and
`async def middleware(request: Request, call_next)`.

## Known limits
Only functions and methods of the repository are looked at that are given by name or decorated with
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, words
from cdlint.project.classes import function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import is_used
from ._watch import APPLICATIONS

_ERROR = "the request and the exception"
_DECORATORS = {"exception_handler": _ERROR, "middleware": "the request and `call_next`"}
_NAMES = frozenset(_DECORATORS)
_MADE = frozenset(f"{name}()" for name in APPLICATIONS)
_ADDING = ("add_exception_handler", "exception_handlers")


class Hook(NamedTuple):
    """A function that the framework calls with two values, `given` in words, and where it is registered."""

    function: Symbol
    given: str
    at: Location


def hooks(project: Project) -> tuple[Hook, ...]:
    """Those of code that serves, each once."""
    if not project[is_used]:
        return ()
    found = (each for path in project.paths if not is_aside(path) for each in project[_hooks_in, path])
    return tuple({(each.function, each.given): each for each in found}.values())


def _hooks_in(project: Project, path: str) -> tuple[Hook, ...]:
    return (*_decorated(project, path), *_added(project, path))


def _decorated(project: Project, path: str) -> Iterator[Hook]:
    module = project.module(path) if not _NAMES.isdisjoint(project[called_names, path]) else None
    for function in module.functions if module is not None else ():
        if len(function.decorator_codes) != 1 or function.owner or not words(function.decorator_codes[0]) & _NAMES:
            continue
        decorator = function.decorators[0]
        last = getattr(decorator.func, "last", "") if isinstance(decorator, tree.Call) else ""
        scope = (path, function.parent)
        if isinstance(decorator, tree.Call) and last in _NAMES and _is_of_application(project, scope, decorator.func):
            symbol = Symbol("function", path, function.qualname)
            yield Hook(symbol, _DECORATORS[last], Location(path, decorator.at))


def _added(project: Project, path: str) -> Iterator[Hook]:
    """Handlers that a call is given, or the application when it is made."""
    module = project.module(path)
    for function in module.functions if module is not None else ():
        scope = (path, function.qualname)
        for call in function.call_nodes if any(map(function.mentions, _ADDING)) else ():
            for node in _handlers(project, scope, call):
                answer = _meaning(project, scope, node) if isinstance(node, tree.Path) else None
                facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
                # A decorator may change what the function takes.
                if isinstance(answer, Symbol) and facts is not None and not facts.decorator_codes:
                    yield Hook(answer, _ERROR, Location(path, call.at))


def _handlers(project: Project, scope: tuple[str, str], call: tree.Call) -> Iterator[Node | None]:
    given = call.keyword("exception_handlers")
    if getattr(call.func, "last", "") == "add_exception_handler":
        if _is_of_application(project, scope, call.func):
            yield call.argument(1, "handler")
    elif isinstance(given, tree.Mapping) and _is_application(project, scope, call):
        yield from (value for _, value in given.items)


def _is_application(project: Project, scope: tuple[str, str], node: Node) -> bool:
    answer = _meaning(project, scope, node)
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name in _MADE


def _is_of_application(project: Project, scope: tuple[str, str], func: Node) -> bool:
    owner = func.text.rpartition(".")[0] if isinstance(func, tree.Path) else ""
    return bool(owner) and _is_application(project, scope, tree.Path(owner, func.at))


def _meaning(project: Project, scope: tuple[str, str], node: Node) -> object:
    try:
        return evaluate(project, scope, node)
    except CyclicFact:
        return None


@rule(of=hooks, severity="error", constraint="wiring")
def hook_signature_mismatch(project: Project, hook: Hook) -> Iterator[Finding]:
    """One finding a function."""
    function = function_facts(project, hook.function)
    if function is None:
        return
    params = function.params[1:] if function.owner else function.params
    positional = [each for each in params if each.kind in ("positional", "positional-only")]
    needed = [each for each in positional if each.default_code is None]
    is_open = any(each.kind == "*" for each in params)
    wanted = any(each.kind == "keyword" and each.default_code is None for each in params)
    if len(needed) <= 2 and (len(positional) >= 2 or is_open) and not wanted:
        return
    yield Finding(
        Location(hook.function.path, function.at),
        f"`{function.name}` is called with {hook.given}, which it does not take so.",
        related=(Evidence(hook.at, "it is registered here"),),
        symbol=hook.function.name,
        cure=f"Let it take {hook.given}.",
    )
