"""What is wrong with dependencies that yield: exceptions that get lost, a second yield, a close that is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import sites_in, target
from cdlint.project.classes import function_facts
from cdlint.project.versions import satisfied

from ._given import providers

_CLOSING = frozenset({"close", "aclose", "remove", "disconnect", "release"})


class Broken(NamedTuple):
    """`kind`: `swallowed`, `twice` or `skipped`. `first` is the yield."""

    function: Symbol
    kind: str
    at: At
    first: At
    what: str


class Twice(NamedTuple):
    """Two yields on one path."""

    first: At
    second: At


def yielding(project: Project) -> tuple[Symbol, ...]:
    """The dependencies that yield."""
    found = []
    for symbol in project[providers]:
        facts = function_facts(project, symbol)
        if facts is not None and facts.is_generator:
            found.append(symbol)
    return tuple(sorted(found))


def broken(project: Project, function: Symbol) -> Iterator[Broken]:
    """What is wrong with one of them."""
    facts = function_facts(project, function)
    if facts is None:
        return
    if not project[satisfied, (("fastapi", "<0.106"),)]:
        yield from _swallowed(project, function, facts)
    second = _second(facts.body, None)
    if isinstance(second, Twice):
        yield Broken(function, "twice", second.second, second.first, "")
    yield from _skipped(function, facts.body, frozenset())


def yields(node: Node) -> Iterator[tree.Yield]:
    """The yields inside a statement."""
    return (each for each in tree.walk(node) if isinstance(each, tree.Yield))


def _swallowed(project: Project, function: Symbol, facts: Function) -> Iterator[Broken]:
    for node in facts.nodes:
        if not isinstance(node, tree.Try):
            continue
        first = next((found for each in node.body for found in yields(each)), None)
        for handler in node.handlers if first is not None else ():
            raises = any(isinstance(each, tree.Raise) for each in tree.walk(*handler.body))
            if raises or any(True for each in handler.body for _ in yields(each)) or _is_exit(handler):
                continue
            if first is not None and not _raises_elsewhere(project, function, handler):
                what = getattr(handler.type, "text", "") if handler.type is not None else ""
                yield Broken(function, "swallowed", handler.at, first.at, what or "every exception")


def _is_exit(handler: tree.Handler) -> bool:
    names = {getattr(each, "last", "") for each in tree.walk(handler.type)} if handler.type is not None else set()
    return bool(names & {"GeneratorExit", "CancelledError", "StopIteration"})


def _raises_elsewhere(project: Project, function: Symbol, handler: tree.Handler) -> bool:
    """Whether the handler calls a function of the repository that may raise in its place."""
    for site in sites_in(project, (function.path, function.name), *handler.body):
        called = target(project, site.answer)
        facts = function_facts(project, called) if called is not None else None
        if facts is not None and any(isinstance(each, tree.Raise) for each in facts.nodes):
            return True
        if called is None and not isinstance(site.answer, Symbol) and "." not in getattr(site.call.func, "text", ""):
            return True
    return False


class Before(NamedTuple):
    """The last yield that ran before; `sure` unless a condition decided."""

    at: At
    sure: bool


def _second(body: tuple[Node, ...], before: Before | None, under: bool = False) -> Twice | Before | None:
    """Two yields on one path, else the last one that may have run before what follows, None if there is none."""
    last = before
    for node in body:
        found = _in_statement(node, last, under)
        if isinstance(found, Twice):
            return found
        last = found
        if isinstance(node, (tree.Return, tree.Raise)):
            return None
    return last


def _in_statement(node: Node, last: Before | None, under: bool) -> Twice | Before | None:
    if isinstance(node, tree.If):
        return _in_branches(node, last)
    if isinstance(node, tree.With):
        return _second(node.body, last, under)
    if isinstance(node, tree.Try):
        inner = _second(node.body, last, under)
        return inner if isinstance(inner, Twice) else _second((*node.orelse, *node.final), inner, under)
    if isinstance(node, (tree.For, tree.While)):
        return last
    found = next(yields(node), None)
    if found is None:
        return last
    # What two conditions decide may never come together.
    if last is not None and (last.sure or not under):
        return Twice(last.at, found.at)
    return Before(found.at, not under)


def _in_branches(node: tree.If, last: Before | None) -> Twice | Before | None:
    one, other = _second(node.body, last, True), _second(node.orelse, last, True)
    pair = next((each for each in (one, other) if isinstance(each, Twice)), None)
    if pair is not None:
        return pair
    left = [each for each, body in ((one, node.body), (other, node.orelse)) if not _ends(body)]
    kept = [each for each in left if isinstance(each, Before)]
    return kept[0]._replace(sure=len(kept) == len(left)) if kept else None


def _ends(body: tuple[Node, ...]) -> bool:
    return bool(body) and isinstance(body[-1], (tree.Return, tree.Raise))


def _skipped(function: Symbol, body: tuple[Node, ...], safe: frozenset[str]) -> Iterator[Broken]:
    """Closing calls that follow a yield and are not reached when the handler raises."""
    seen: At | None = None
    for node in body:
        if seen is not None:
            name = _closes(node)
            if name and name not in safe:
                yield Broken(function, "skipped", node.at, seen, name)
        if isinstance(node, tree.With):
            held = {target.text for _, target in node.items if isinstance(target, tree.Path)}
            yield from _skipped(function, node.body, safe | held)
        elif isinstance(node, tree.Try) and not node.final:
            yield from _skipped(function, (*node.body, *node.orelse), safe)
            safe |= {name for handler in node.handlers if _is_broad(handler) for name in map(_closes, handler.body)}
        elif isinstance(node, tree.If):
            yield from _skipped(function, node.body, safe)
            yield from _skipped(function, node.orelse, safe)
        if not isinstance(node, (tree.Try, tree.If, tree.For, tree.While)) or _passes_on(node):
            first = next(yields(node), None)
            seen = first.at if first is not None else seen


def _is_broad(handler: tree.Handler) -> bool:
    """Whether a handler sees whatever a request may raise."""
    return handler.type is None or getattr(handler.type, "last", "") in ("Exception", "BaseException")


def _passes_on(node: Node) -> bool:
    """Whether an exception at the yield inside leaves the statement."""
    if isinstance(node, tree.Try):
        return all(any(isinstance(each, tree.Raise) for each in tree.walk(*h.body)) for h in node.handlers)
    return isinstance(node, tree.If)


def _closes(node: Node) -> str:
    """The variable that a statement closes, or `""`."""
    value = node.value if isinstance(node, tree.Expression) else None
    value = value.value if isinstance(value, tree.Await) else value
    if isinstance(value, tree.Call) and isinstance(value.func, tree.Path) and value.func.last in _CLOSING:
        owner = value.func.text.rpartition(".")[0]
        return owner if owner and "." not in owner else ""
    return ""
