"""Callbacks that run after the commit and read a name that has another value by then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.transactions import boundaries
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling, sites, target
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._reach import transacting, transactions_in, transactions_of
from ._writes import blocks

_DEFERS = "django.db.transaction.on_commit"


class Late(NamedTuple):
    """A callback of `function` that reads `name`, which is bound again at `rebound` before it runs."""

    function: Symbol
    callback: At
    name: str
    rebound: At
    loop: bool


def deferring(project: Project) -> tuple[Symbol, ...]:
    """The functions that leave something for after the commit."""
    return tuple(symbol for path in project.paths for symbol in project[_deferring_in, path])


def _deferring_in(project: Project, path: str) -> tuple[Symbol, ...]:
    functions = calling(project, path, frozenset({"on_commit"})) if not is_aside(path) else ()
    return tuple(Symbol("function", path, each.qualname) for each in functions)


def late(project: Project, function: Symbol) -> Iterator[Late]:
    """Each callback and name once."""
    facts = function_facts(project, function)
    if facts is None:
        return
    for call, loops, after in _registered(facts.body, (), ()):
        answer = evaluate(project, (function.path, function.name), call.func)
        if not isinstance(answer, Symbol) or answer.name != _DEFERS:
            continue
        callback = call.argument(0, "func")
        if callback is None:
            continue
        names = _captured(project, function, callback)
        for name in sorted(names):
            rebound, loop = _rebound(name, loops, after)
            if rebound is not None and _is_deferred(project, function, loop if loop is not None else call):
                yield Late(function, callback.at, name, rebound, loop is not None)


def _registered(
    block: tuple[Node, ...], loops: tuple[Node, ...], after: tuple[Node, ...]
) -> Iterator[tuple[tree.Call, tuple[Node, ...], tuple[Node, ...]]]:
    """Calls of `on_commit`, with the loops around and the statements that run after."""
    for index, statement in enumerate(block):
        rest = (*block[index + 1 :], *after)
        inner = blocks(statement)
        if not inner:
            leaves = any(isinstance(each, (tree.Return, tree.Raise)) or _breaks(each) for each in block[index + 1 :])
            for call in tree.calls(statement):
                if getattr(call.func, "last", "") == "on_commit":
                    yield call, () if leaves else loops, rest
        for each in inner:
            if isinstance(statement, (tree.For, tree.While)) and each is statement.body:
                yield from _registered(each, (*loops, statement), rest)
            else:
                yield from _registered(each, loops, rest)


def _breaks(node: Node) -> bool:
    return isinstance(node, tree.Jump) and node.kind == "break"


def _captured(project: Project, function: Symbol, callback: Node | None) -> frozenset[str]:
    """The local names that a callback reads when it runs."""
    facts = function_facts(project, function)
    local = frozenset(facts.binds) if facts is not None else frozenset()
    if isinstance(callback, tree.Lambda):
        roots = {node.root for node in tree.walk(callback.body) if isinstance(node, tree.Path)}
        return frozenset(roots & local) - frozenset(callback.params)
    if isinstance(callback, tree.Path) and "." not in callback.text:
        inner: Function | None = project[functions_of, function.path].get(f"{function.name}.{callback.text}")
        if inner is not None:
            roots = {node.root for node in inner.every(tree.Path)}
            return frozenset(roots & local) - frozenset(inner.binds)
    return frozenset()


def _rebound(name: str, loops: tuple[Node, ...], after: tuple[Node, ...]) -> tuple[At | None, Node | None]:
    """Where a name is bound again before the callback runs, and the loop that does it."""
    for loop in reversed(loops):
        if isinstance(loop, tree.For) and _binds(loop.target, name):
            return loop.target.at, loop
        for node in tree.walk(*loop.body):
            if isinstance(node, tree.Assign) and any(_binds(each, name) for each in node.targets):
                return node.at, loop
    for statement in after:
        if isinstance(statement, tree.Assign) and any(_binds(each, name) for each in statement.targets):
            return statement.at, None
    return None, None


def _binds(target: Node, name: str) -> bool:
    if isinstance(target, tree.Sequence):
        return any(_binds(each, name) for each in target.items)
    return isinstance(target, tree.Path) and target.text == name


def _is_deferred(project: Project, function: Symbol, node: Node) -> bool:
    """Whether a transaction is certainly open around some code: otherwise callbacks run at once."""
    if any(each.holds(node.at) for each in project[transactions_in, function]):
        return True
    if any(each.kind == "setting" and each.name == "ATOMIC_REQUESTS" for each in project[boundaries]):
        return True
    for caller in project[transacting]:
        open_there = project[transactions_of][caller]
        facts = function_facts(project, caller)
        if facts is None or not any(call.rpartition(".")[2] == function.last for call in facts.calls):
            continue
        for site in project[sites, caller]:
            if target(project, site.answer) == function and any(each.holds(site.at) for each in open_there):
                return True
    return False
