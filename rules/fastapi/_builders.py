"""Functions that make an application or a router and do not return it, though its callers want it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._given import imports_it
from ._watch import APPLICATIONS, ROUTERS

_MADE = {
    **dict.fromkeys((f"{name}()" for name in APPLICATIONS), "an application"),
    **dict.fromkeys((f"{name}()" for name in ROUTERS), "a router"),
}
_LASTS = frozenset(name.removesuffix("()").rpartition(".")[2] for name in _MADE)
_JOINING = {"include_router": (0, "router"), "mount": (1, "app")}


class Kept(NamedTuple):
    """A function that returns nothing of what it makes, and where somebody wants that."""

    function: Symbol
    at: Location
    what: str
    wanted: Location


def kept(project: Project) -> tuple[Kept, ...]:
    """Each such function once."""
    paths = [path for path in project.paths if not is_aside(path)]
    makers = {symbol: (at, what) for path in paths for symbol, at, what in project[_keeping_in, path]}
    found: dict[Symbol, Kept] = {}
    names = frozenset(symbol.last for symbol in makers)
    for path in paths if names else ():
        for symbol, wanted in _wanted(project, path, names):
            if symbol in makers:
                found.setdefault(symbol, Kept(symbol, *makers[symbol], wanted))
    return tuple(found.values())


def _keeping_in(project: Project, path: str) -> tuple[tuple[Symbol, Location, str], ...]:
    """The functions of a file that keep to themselves what they make: where they are, and what that is."""
    module = project.module(path) if project[imports_it, path] else None
    found = []
    for function in module.functions[1:] if module is not None else ():
        if function.decorator_codes or function.is_generator or _LASTS.isdisjoint(function.lasts):
            continue
        what = _kept_by(project, path, function)
        if what:
            found.append((Symbol("function", path, function.qualname), Location(path, function.at), what))
    return tuple(found)


def _kept_by(project: Project, path: str, function: Function) -> str:
    """What a function that returns no value makes in a local name."""
    if any(not _is_nothing(node.value) for node in function.every(tree.Return)):
        return ""
    for node in function.every(tree.Assign):
        name = getattr(node.targets[0], "text", "")
        if isinstance(node.value, tree.Call) and name in function.binds and name not in function.outer:
            made = evaluate(project, (path, function.qualname), node.value)
            if isinstance(made, Symbol) and made.name in _MADE:
                return _MADE[made.name]
    return ""


def _is_nothing(node: Node | None) -> bool:
    return node is None or (isinstance(node, tree.Constant) and node.value is None)


def _wanted(project: Project, path: str, names: frozenset[str]) -> Iterator[tuple[Symbol, Location]]:
    """The functions of such names that a file calls for what they give: to join it, or to keep it in a module."""
    for function, call in calls_of(project, path, names | _JOINING.keys()):
        given = _joined(call)
        kept_there = not function.qualname and any(node.value == call for node in function.every(tree.Assign))
        for node in (given, call if kept_there else None):
            if isinstance(node, tree.Call) and getattr(node.func, "last", "") in names:
                symbol = evaluate(project, (path, function.qualname), node.func)
                if isinstance(symbol, Symbol) and symbol.kind == "function":
                    yield symbol, Location(path, node.at)


def _joined(call: tree.Call) -> Node | None:
    """What a call joins to an application."""
    name = getattr(call.func, "last", "")
    return call.argument(*_JOINING[name]) if name in _JOINING else None
