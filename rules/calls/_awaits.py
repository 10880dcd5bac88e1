"""Functions that await a call which may give a plain value, and which of them certainly do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, function_facts
from cdlint.project.names import resolve
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._callables import candidates, is_replaced
from ._plain import OPENERS, gives_plain, is_sync_outside
from ._unfit import plain_implementations


class Names(NamedTuple):
    """Last names of plain functions and of asynchronous ones."""

    plain: frozenset[str]
    asynchronous: frozenset[str]


class PlainAwait(NamedTuple):
    """An `await` of a call whose result cannot be awaited. `target` is what is called."""

    node: tree.Await
    name: str
    target: Symbol


def plain_names(project: Project) -> Names:
    """The last names of the functions outside of tests."""
    plain: set[str] = set()
    asynchronous: set[str] = set()
    for path in project.paths:
        for name, is_async in project[_defined_in, path]:
            (asynchronous if is_async else plain).add(name)
    return Names(frozenset(plain), frozenset(asynchronous))


def _defined_in(project: Project, path: str) -> tuple[tuple[str, bool], ...]:
    """The names of a file's functions and whether each is asynchronous, without positions."""
    module = None if is_aside(path) else project.module(path)
    return tuple(sorted({(each.name, each.is_async) for each in module.functions[1:]})) if module else ()


def awaiting(project: Project) -> tuple[Symbol, ...]:
    """The functions that await something that may be plain."""
    return tuple(symbol for path in project.paths for symbol in project[_awaiting_in, path])


def _awaiting_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = None if is_aside(path) else project.module(path)
    found = [
        Symbol("function", path, each.qualname)
        for each in (module.functions if module else ())
        if any(_may(project, path, each, call) for call in each.awaited)
    ]
    return tuple(dict.fromkeys(found))


def _may(project: Project, path: str, function: Function, call: str) -> bool:
    root, _, rest = call.partition(".")
    last = call[call.rfind(".") + 1 :]
    if last in OPENERS:
        openers = OPENERS[last]
        if not openers or not openers.isdisjoint(function.lasts):
            return True
    names = project[plain_names]
    if last not in names.plain or root == "?":
        return False
    if last not in names.asynchronous:
        return True
    own = bool(function.owner and function.params) and function.params[0].name == root
    if own and "." not in rest:
        answer = project[class_member, (Symbol("class", path, function.owner), rest)]
    elif root in function.binds:
        return last in project[plain_implementations]
    else:
        answer = project[resolve, (path, call)]
    facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
    return facts is not None and not facts.is_async


def plain_awaits(project: Project, function: Symbol) -> Iterator[PlainAwait]:
    """The certain ones of a function, in source order."""
    facts = function_facts(project, function)
    names = project[plain_names].plain
    for node in _awaits(facts.body if facts else ()):
        func = node.value.func if isinstance(node.value, tree.Call) else None
        last = getattr(func, "last", "")
        if (last in names or last in OPENERS) and (target := _plain(project, function, func)) is not None:
            yield PlainAwait(node, _written(func), target)


def _awaits(body: tuple[Node, ...]) -> Iterator[tree.Await]:
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Await):
            yield node
        if not isinstance(node, (tree.Lambda, tree.ClassDef, tree.Comprehension)) and not _catches(node):
            stack.extend(reversed(tuple(tree.children(node))))


def _catches(node: Node) -> bool:
    """Whether a TypeError in this statement is expected."""
    return isinstance(node, tree.Try) and any(
        isinstance(each, tree.Path) and each.last == "TypeError"
        for handler in node.handlers
        for each in tree.walk(handler.type)
    )


def _plain(project: Project, function: Symbol, func: Node) -> Symbol | None:
    scope = (function.path, function.name)
    if isinstance(func, tree.Path):
        reached = candidates(project, scope, func)
        if reached and all(each.symbol.kind == "function" and gives_plain(project, each.symbol) for each in reached):
            return None if project[is_replaced, func.last] else reached[0].symbol
    answer = evaluate(project, scope, func)
    if isinstance(answer, Symbol) and answer.kind == "external" and is_sync_outside(answer):
        return answer
    return None


def _written(func: Node) -> str:
    """A called expression as its code says it, arguments left out."""
    if isinstance(func, tree.Attribute):
        return f"{_written(func.value)}.{func.text}"
    if isinstance(func, tree.Await):
        return f"(await {_written(func.value)})"
    if isinstance(func, tree.Call):
        return f"{_written(func.func)}()"
    return func.text if isinstance(func, tree.Path) else "..."
