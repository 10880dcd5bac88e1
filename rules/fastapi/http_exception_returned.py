"""A handler returns an exception, or raises a response, so that the caller gets the wrong status.

## Why
`return HTTPException(404)` raises nothing: FastAPI serialises the object, and the caller gets 200
with the exception as its body, or 500 if there is a response model. A response that is raised is a
`TypeError`, for it is no exception.

## Instead
`raise HTTPException(404)`, and `return JSONResponse(...)`.

## Known limits
Handlers, dependencies, and the functions of the repository whose result a handler returns as it
is. A function that only makes exceptions for others to raise is fine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import target
from cdlint.project.classes import ancestry, function_facts
from cdlint.project.values import evaluate
from cdlint.rule import Evidence, Finding, Location, rule

from ._given import handlers, is_response, providers

_HTTP = frozenset({"fastapi.HTTPException()", "fastapi.exceptions.HTTPException()",
                   "starlette.exceptions.HTTPException()"})  # fmt: skip
_EXCEPTIONS = ("builtins.Exception", "builtins.BaseException", "builtins.ValueError", "builtins.RuntimeError",
               "fastapi.HTTPException", "fastapi.exceptions.HTTPException",
               "starlette.exceptions.HTTPException")  # fmt: skip


class Wrong(NamedTuple):
    """A statement that returns an exception or raises a response."""

    function: Symbol
    node: Node
    what: str
    raised: bool
    handler: Symbol


def wrong(project: Project) -> tuple[Wrong, ...]:
    """All of them, each once."""
    found: dict[tuple[str, tree.At], Wrong] = {}
    asked = [each.function for each in project[handlers]] + list(project[providers])
    for handler in dict.fromkeys(asked):
        for each in project[_wrong_for, handler]:
            found.setdefault((each.function.path, each.node.at), each)
    return tuple(found.values())


def _wrong_for(project: Project, handler: Symbol) -> tuple[Wrong, ...]:
    return tuple(_in_function(project, handler, handler, 3))


def _in_function(project: Project, function: Symbol, handler: Symbol, depth: int) -> Iterator[Wrong]:
    facts = function_facts(project, function)
    for node in facts.nodes if facts is not None else ():
        scope = (function.path, function.name)
        if isinstance(node, tree.Return) and node.value is not None:
            value = node.value.value if isinstance(node.value, tree.Await) else node.value
            if not isinstance(value, tree.Call):
                continue
            name = _exception(project, scope, value)
            if name:
                yield Wrong(function, node, name, False, handler)
            elif depth:
                called = target(project, evaluate(project, scope, value.func))
                if called is not None and not called.name.endswith("__init__"):
                    yield from (e for e in _in_function(project, called, handler, depth - 1) if not e.raised)
        elif isinstance(node, tree.Raise) and isinstance(node.error, tree.Call):
            answer = evaluate(project, scope, node.error)
            if is_response(answer) and isinstance(answer, Symbol):
                yield Wrong(function, node, answer.last.removesuffix("()"), True, handler)


def _exception(project: Project, scope: tuple[str, str], call: tree.Call) -> str:
    """The name of the exception class that a call makes an instance of, or `""`."""
    answer = evaluate(project, scope, call)
    if not isinstance(answer, Symbol):
        return ""
    if answer.name in _HTTP:
        return "HTTPException"
    if answer.kind == "instance":
        above = project[ancestry, Symbol("class", answer.path, answer.name)].external
        return answer.last if any(name in _EXCEPTIONS for name in above) else ""
    return ""


@rule(of=wrong, severity="error", constraint="contract")
def http_exception_returned(project: Project, each: Wrong) -> Iterator[Finding]:
    """One finding a statement."""
    if each.raised:
        message = f"`{each.what}` is raised, and it is no exception: the request ends in a `TypeError`."
        cure = f"Return the `{each.what}`."
    else:
        message = f"`{each.function.last}` returns `{each.what}` in place of raising it: the status is not its own."
        cure = f"Write `raise {each.what}(...)`."
    facts = function_facts(project, each.handler)
    other = each.handler != each.function and facts is not None
    yield Finding(
        Location(each.function.path, each.node.at),
        message,
        related=(Evidence(Location(each.handler.path, facts.at), "a handler returns this as it is"),)
        if other and facts is not None
        else (),
        symbol=f"{each.function.name}: {each.what}",
        cure=cure,
    )
