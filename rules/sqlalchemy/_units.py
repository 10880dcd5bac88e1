"""Where a transaction is open in a `with` block over a session or unit of work that the repository itself commits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from cdlint.backend.collected import provides
from cdlint.backend.sessions import changes_in, dealings_in
from cdlint.backend.transactions import Boundary, Transaction, boundaries, transactions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, sites_in, target
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._transactions import WRITES

_KINDS = ("context manager", "unit of work")
_Units: TypeAlias = dict[tuple[str, str], Boundary]
"""By their file and name."""


@provides(transactions)
def unit_transactions(project: Project) -> tuple[Transaction, ...]:
    """From the first write in such a block to the commit: at its end, or where the block asks for it."""
    paths = [path for path in project.paths if not is_aside(path)] if project[_committing] else []
    return tuple(each for path in paths for each in project[_units_in, path])


def _committing(project: Project) -> _Units:
    units = {(each.at.path, each.name): each for each in project[boundaries] if each.kind in _KINDS}
    return {key: each for key, each in units.items() if "commit" in each.ends or each.explicit}


def _units_in(project: Project, path: str) -> tuple[Transaction, ...]:
    return tuple(_found_in(project, path, project[_committing]))


def _found_in(project: Project, path: str, units: _Units) -> Iterator[Transaction]:
    module = project.module(path)
    names = {name.rpartition(".")[2] for _, name in units}
    if module is None or names.isdisjoint((*module.main.binds, *project[called_names, path])):
        return
    for function in module.functions[1:]:
        for node in function.every(tree.With) if function.calls and function.holds(tree.With) else ():
            for context, held in node.items:
                unit = _unit(project, (path, function.qualname), context, units)
                if unit is not None and isinstance(held, tree.Path):
                    yield from _region(project, Symbol("function", path, function.qualname), function, node, held, unit)


def _unit(project: Project, scope: tuple[str, str], context: Node, units: _Units) -> Boundary | None:
    value = context.value if isinstance(context, tree.Await) else context
    answer = evaluate(project, scope, value)
    if not isinstance(answer, Symbol) or answer.kind != "instance":
        answer = evaluate(project, scope, value.func) if isinstance(value, tree.Call) else answer
    return units.get((answer.path, answer.name)) if isinstance(answer, Symbol) else None


def _region(
    project: Project, symbol: Symbol, function: Function, node: tree.With, held: tree.Path, unit: Boundary
) -> Iterator[Transaction]:
    commit = f"{held.text}.commit"
    if not unit.explicit and commit in function.calls:
        return
    first: tuple[int, str, At] | None = None
    for index, statement in enumerate(node.body):
        if first is not None and any(getattr(call.func, "text", "") == commit for call in tree.calls(statement)):
            if index > first[0] + 1:
                yield _transaction(symbol, node.body[first[0] + 1 : index], first)
            return
        first = first or _write(project, symbol, statement, held.text, index)
    if first is not None and not unit.explicit and len(node.body) > first[0] + 1:
        yield _transaction(symbol, node.body[first[0] + 1 :], first)


def _transaction(symbol: Symbol, body: tuple[Node, ...], first: tuple[int, str, At]) -> Transaction:
    inside = (*body[0].at[:2], *body[-1].at[2:])
    return Transaction(symbol, "session", inside, Location(symbol.path, first[2]), first[1])


def _write(project: Project, symbol: Symbol, statement: Node, held: str, index: int) -> tuple[int, str, At] | None:
    """The write that a plain statement of the block surely does, with its place."""
    if not isinstance(statement, (tree.Expression, tree.Assign, tree.AugAssign)):
        return None
    for site in sites_in(project, (symbol.path, symbol.name), statement):
        text = getattr(site.call.func, "text", "")
        if not text.startswith(f"{held}."):
            continue
        called = target(project, site.answer)
        inner = project[dealings_in, called] if called is not None else ()
        if any(each.of("write", "flush") for each in inner) or (called is None and text.rpartition(".")[2] in WRITES):
            return index, f"{text}()", site.at
    changed = (each for each in project[changes_in, symbol] if tree.within(each.at, statement.at))
    return next(((index, each.what, each.at) for each in changed), None)
