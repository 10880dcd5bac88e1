"""Where code that an event loop runs for a request makes its thread wait, through however many calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.endpoints import endpoints
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import CallSite, sites, target
from cdlint.project.classes import ancestry, class_facts, function_facts, resolve_in
from cdlint.project.effects import DEPTH, Step
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._blocking_names import MODULES, waits
from ._seldom import after_failure, once, within

_ON_A_LOOP = frozenset({"fastapi", "aiohttp", "django"})
"""Frameworks that run asynchronous handlers on a loop that other requests share."""
_DEPENDS = frozenset({"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"})
_NEUTRAL = frozenset(
    {"staticmethod", "classmethod", "property", "contextmanager", "override", "wraps", "abstractmethod"}
)


class Blocked(NamedTuple):
    """A call in an `async def` during which the loop stands still. `chain` ends in the call that waits."""

    function: Symbol
    call: tree.Call
    what: str
    chain: tuple[Step, ...]
    root: Symbol


def is_concerned(project: Project) -> bool:
    """Whether the repository has asynchronous functions and imports something that waits."""
    found = [project[_in_file, path] for path in project.paths]
    return any(one for one, _ in found) and any(other for _, other in found)


def _in_file(project: Project, path: str) -> tuple[bool, bool]:
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return False, False
    return (
        any(each.is_async for each in module.functions),
        any(each.module.partition(".")[0] in MODULES for each in module.imports),
    )


def served(project: Project) -> tuple[Symbol, ...]:
    """The asynchronous functions that requests run: handlers, what they depend on, and what those await."""
    if not project[is_concerned]:
        return ()
    pending = [each.handler for each in project[endpoints] if each.framework in _ON_A_LOOP]
    found: dict[Symbol, None] = {}
    seen: set[Symbol] = set()
    while pending:
        symbol = pending.pop()
        if symbol in seen or is_aside(symbol.path):
            continue
        seen.add(symbol)
        if symbol.kind == "class":
            pending.extend(_methods(project, symbol))
            continue
        facts = function_facts(project, symbol)
        if facts is None:
            continue
        pending.extend(project[dependencies, symbol])
        if facts.is_async:
            found[symbol] = None
            pending.extend(called for called, _, is_async in project[steps, symbol][1] if is_async)
    return tuple(sorted(found))


def _methods(project: Project, cls: Symbol) -> Iterator[Symbol]:
    for owner in project[ancestry, cls].first_party:
        facts = class_facts(project, owner)
        for name in facts.methods if facts else ():
            if name in ("get", "post", "put", "patch", "delete", "__call__"):
                yield Symbol("function", owner.path, f"{owner.name}.{name}")


def dependencies(project: Project, function: Symbol) -> tuple[Symbol, ...]:
    """The functions that a handler's parameters ask for, aliases of annotations included."""
    facts = function_facts(project, function)
    found: list[Symbol] = []
    for param in facts.params if facts else ():
        scope = (function.path, function.name.rpartition(".")[0])
        nodes: list[tuple[tuple[str, str], Node]] = [(scope, param.default)] if param.default_code is not None else []
        nodes += [(scope, param.annotation)] if param.annotation_code is not None else []
        for where, node in nodes:
            found.extend(_depended(project, where, node, 4))
    return tuple(dict.fromkeys(found))


def _depended(project: Project, scope: tuple[str, str], node: Node, depth: int) -> Iterator[Symbol]:
    if isinstance(node, tree.Subscript):
        items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        for each in items if getattr(node.value, "last", "") == "Annotated" else ():
            yield from _depended(project, scope, each, depth)
    elif isinstance(node, tree.Call) and node.args:
        marker = evaluate(project, scope, node.func)
        if isinstance(marker, Symbol) and marker.name in _DEPENDS:
            given = evaluate(project, scope, node.args[0])
            called = target(project, given)
            if called is not None:
                yield called
    elif isinstance(node, tree.Path) and depth:
        answer = resolve_in(project, scope[0], scope[1], node.text)
        module = project.module(answer.path) if isinstance(answer, Symbol) and answer.kind == "variable" else None
        for binding in module.bindings if module else ():
            if isinstance(answer, Symbol) and binding.name == answer.name and binding.value_code is not None:
                yield from _depended(project, (answer.path, ""), binding.value, depth - 1)


def steps(
    project: Project, function: Symbol
) -> tuple[tuple[tuple[str, Step, tree.Call], ...], tuple[tuple[Symbol, At, bool], ...]]:
    """The waiting calls of a function's own code, and the functions that it runs with whether they are asynchronous."""
    facts = function_facts(project, function)
    if facts is None or is_aside(function.path) or not facts.calls:
        return (), ()
    direct: list[tuple[str, Step, tree.Call]] = []
    called: dict[Symbol, tuple[Symbol, At, bool]] = {}
    for site in project[sites, function]:
        what = "" if site.awaited else waits(site.answer)
        if what and isinstance(site.answer, Symbol):
            if not _may_be_async(project, function, facts, site):
                direct.append((what, Step(function.path, site.at, site.answer.name), site.call))
            continue
        followed = _followed(project, site)
        if followed is not None and followed != function:
            other = function_facts(project, followed)
            called.setdefault(followed, (followed, site.at, other is not None and other.is_async))
    return tuple(direct), tuple(called.values())


def lasting(
    project: Project, function: Symbol
) -> tuple[tuple[tuple[str, Step, tree.Call], ...], tuple[tuple[Symbol, At, bool], ...]]:
    """Those steps that a plain function does again and again: no value made once, no pause after a failure."""
    direct, called = project[steps, function]
    facts = function_facts(project, function)
    if facts is None or not (direct or called):
        return direct, called
    made = project[once, function]
    failed = after_failure(facts) if any(what == "sleeps" for what, _, _ in direct) else ()
    return (
        tuple(each for each in direct if not within(each[1].at, (*made, *(failed if each[0] == "sleeps" else ())))),
        tuple(each for each in called if not within(each[1], made)),
    )


def _followed(project: Project, site: CallSite) -> Symbol | None:
    """The function of the repository whose body runs when this call does, in the same thread."""
    called = target(project, site.answer)
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None:
        return None
    names = {getattr(each.func if isinstance(each, tree.Call) else each, "last", "") for each in facts.decorators}
    if facts.is_generator and "contextmanager" not in names:
        return None
    if facts.is_async:
        return called if site.awaited else None
    return called if names <= _NEUTRAL and not site.awaited else None


def _may_be_async(project: Project, function: Symbol, facts: Function, site: CallSite) -> bool:
    """Whether the session of a query may be an asynchronous one: a factory told so, or entered by `async with`."""
    if not isinstance(site.answer, Symbol) or not site.answer.name.startswith(("sqlalchemy", "sqlmodel")):
        return False
    if ".query()" in site.answer.name:
        # An asynchronous session has no such method.
        return False
    root = site.call.func.root if isinstance(site.call.func, tree.Path) else ""
    if not root or any(each.startswith(f"{root}.") for each in facts.awaited):
        return True
    if "sessionmaker" not in site.answer.name:
        return False
    for value, _ in project[local_assignments, (function.path, function.name)].get(root, ()):
        if isinstance(value, tree.Call) and not _is_sync_factory(project, (function.path, function.name), value.func):
            return True
    return any(isinstance(each, tree.With) and each.is_async for each in facts.nodes)


def _is_sync_factory(project: Project, scope: tuple[str, str], node: Node) -> bool:
    """Whether what is called is no factory that its arguments make asynchronous."""
    text = getattr(node, "text", "")
    answer = resolve_in(project, scope[0], scope[1], text) if text else None
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return isinstance(answer, Symbol)
    module = project.module(answer.path)
    values = [each.value for each in module.bindings if each.name == answer.name] if module else []
    words = {
        part.last for value in values if value is not None for part in tree.walk(value) if isinstance(part, tree.Path)
    }
    return not any("async" in word.lower() for word in words)


def reached(project: Project, function: Symbol) -> tuple[tuple[str, tuple[Step, ...], tree.Call], ...]:
    """The waiting calls that a plain function reaches, nearest first."""
    found: list[tuple[str, tuple[Step, ...], tree.Call]] = []
    frontier: list[tuple[Symbol, tuple[Step, ...]]] = [(function, ())]
    seen = {function}
    for _ in range(DEPTH):
        following: list[tuple[Symbol, tuple[Step, ...]]] = []
        for current, chain in frontier:
            direct, called = project[lasting, current]
            found.extend((what, (*chain, step), call) for what, step, call in direct)
            for symbol, at, is_async in called:
                if symbol not in seen and not is_async:
                    seen.add(symbol)
                    following.append((symbol, (*chain, Step(current.path, at, symbol.name))))
        frontier = following
    return tuple(found)


def blocked(project: Project, function: Symbol) -> Iterator[Blocked]:
    """The calls of an asynchronous function during which the loop stands still, each with the nearest reason."""
    direct, _ = project[steps, function]
    for what, step, call in direct:
        yield Blocked(function, call, what, (step,), function)
    for site in project[sites, function]:
        called = None if site.awaited else _followed(project, site)
        facts = function_facts(project, called) if called is not None else None
        if called is None or facts is None or facts.is_async or within(site.at, project[once, function]):
            continue
        for what, chain, _ in project[reached, called][:1]:
            yield Blocked(function, site.call, what, (Step(function.path, site.at, called.name), *chain), function)
