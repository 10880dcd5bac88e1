"""How tests come out while watched objects are followed, with the defaults that stand in the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..facts import tree
from ..facts.tree import Node
from .answers import Absent, Symbol, Unknown
from .names import lookup
from .object_frames import Closure, Frame, unwrap
from .objects import Instance, Items, Literal, Method, Partial, Record, Table, Thing, Value

if TYPE_CHECKING:
    from .object_displays import Displays


def fixed(node: Node) -> bool | None:
    """How a test comes out that cannot come out differently: a literal, or `TYPE_CHECKING`."""
    if isinstance(node, tree.Constant):
        return bool(node.value)
    return False if isinstance(node, tree.Path) and node.last == "TYPE_CHECKING" else None


def truth(run: Displays, frame: Frame, node: Node) -> bool | None:
    """How a test comes out; None when that is not known. Calls in it are run."""
    if (known := fixed(node)) is not None:
        return known
    if isinstance(node, tree.Unary) and node.op == "not":
        inner = truth(run, frame, node.value)
        return None if inner is None else not inner
    if isinstance(node, tree.Boolean):
        decisive = node.op == "or"
        parts = [truth(run, frame, each) for each in node.values]
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if isinstance(node, tree.Compare):
        return _compared(node, [run.eval(frame, term) for term in node.terms])
    if isinstance(node, tree.Call) and getattr(node.func, "text", "") == "hasattr" and len(node.args) == 2:
        return _has(run, run.eval(frame, node.args[0]), unwrap(run.eval(frame, node.args[1])))
    return true(run.eval(frame, node))


def true(value: Value) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, Literal):
        return bool(value.value)
    if isinstance(value, (Items, Table)):
        return bool(value.items)
    return True if _something(value) else None


def _something(value: Value) -> bool:
    """Whether a value is an object, and so neither None nor false."""
    if isinstance(value, Symbol):
        return value.kind in ("module", "class", "function")
    return isinstance(value, (Thing, Instance, Method, Partial, Closure, Record))


def _compared(node: tree.Compare, values: list[Value]) -> bool | None:
    if len(node.ops) != 1 or any(isinstance(term, tree.Path) and term.text == "__name__" for term in node.terms):
        return None
    op, left, right = node.ops[0], unwrap(values[0]), unwrap(values[1])
    if op in ("is", "is not") and right is None and _something(values[0]):
        return op == "is not"
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return None
    if op in ("==", "!=", "is", "is not"):
        return bool(left == right) is (op in ("==", "is"))
    if op in ("in", "not in") and isinstance(right, (tuple, frozenset, str)):
        return _inside(left, right, op)
    return None


def _inside(left: Any, right: Any, op: str) -> bool | None:
    try:
        return (left in right) is (op == "in")
    except TypeError:
        return None


def _has(run: Displays, owner: Value, name: Any) -> bool | None:
    if not isinstance(name, str) or not isinstance(owner, Symbol) or owner.kind != "module":
        return None
    found = run.project[lookup, (owner.path, name)]
    return False if isinstance(found, Absent) else isinstance(found, Symbol) or None
