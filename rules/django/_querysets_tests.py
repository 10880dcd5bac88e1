"""Which way tests go, as far as what a function is given tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project.flow_tests import Known, assume

from ._annotated import annotated_names, string_of
from ._querysets_values import Cls, Given, Items, One, Rows, Value

if TYPE_CHECKING:
    from ._querysets import Tracer


def told(given: tuple[tuple[str, Value], ...]) -> Known:
    """What is known of parameters that are given something: it is not None, and most of it is true."""
    there = {(name, "None", False) for name, value in given if isinstance(value, (Given, One, Cls, Rows, Items))}
    return frozenset(there | {(name, "true", True) for name, value in given if isinstance(value, (Given, One, Cls))})


def decided(known: Known, test: Node) -> bool | None:
    """How a test comes out; None when that is not known."""
    if not known:
        return None
    return False if assume(known, test, True) is None else True if assume(known, test, False) is None else None


def reached(tracer: Tracer, node: tree.Boolean) -> tuple[Node, ...]:
    """The parts of `a or b` that are looked at."""
    for index, each in enumerate(node.values):
        if decided(tracer.known, each) is (node.op == "or") or (node.op == "or" and _spares(tracer, each)):
            return node.values[: index + 1]
    return node.values


def _spares(tracer: Tracer, node: Node) -> bool:
    """Whether a row is asked for what queries add to it, or for the key of a relation, before the database is."""
    if not isinstance(node, tree.Call) or getattr(node.func, "text", "") != "getattr" or len(node.args) < 2:
        return False
    row = tracer.env.get(getattr(node.args[0], "text", ""))
    name = string_of(node.args[1])
    return isinstance(row, One) and (name.endswith("_id") or name in tracer.project[annotated_names])


def branch(tracer: Tracer, node: tree.If) -> bool:
    """Follow an `if`; True when it leaves the function or the loop."""
    tracer.value(node.test)
    way = decided(tracer.known, node.test)
    if way is None:
        return tracer.branches([node.body, node.orelse])
    return tracer.block(node.body if way else node.orelse)


def choice(tracer: Tracer, node: tree.Conditional) -> Value:
    """What `a if b else c` is."""
    tracer.value(node.test)
    way = decided(tracer.known, node.test)
    if way is not None:
        return tracer.value(node.body if way else node.orelse)
    left, right = tracer.value(node.body), tracer.value(node.orelse)
    if isinstance(node.orelse, tree.Constant):
        return left
    return right if isinstance(node.body, tree.Constant) else tracer.joined(left, right)


def filled_in(function: Function, args: tuple[Node, ...], skip: int) -> list[str]:
    """The parameters that could be left out and are given something."""
    if any(isinstance(each, tree.Starred) for each in args):
        return []
    params = [param for param in function.params if param.kind in ("positional", "positional-only")][skip:]
    given = [(param, each) for param, each in zip(params, args, strict=False) if not isinstance(each, tree.Constant)]
    return [param.name for param, _ in given if isinstance(param.default, tree.Constant) and not param.default.value]
