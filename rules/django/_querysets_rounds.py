"""What is done once in a loop over rows, and what rows are after the loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdlint.facts import tree
from cdlint.facts.tree import Node

from ._querysets_handed import fetched
from ._querysets_values import One, Value

if TYPE_CHECKING:
    from ._querysets import Tracer


def leaves(node: Node) -> bool:
    """Whether a loop with this statement in its body ends there, on the plain way into `try` and `with`."""
    if isinstance(node, (tree.Try, tree.With)):
        return bool(node.body) and leaves(node.body[-1])
    return isinstance(node, (tree.Return, tree.Raise)) or (isinstance(node, tree.Jump) and node.kind == "break")


def seldom(env: dict[str, Value], body: tuple[Node, ...], rare: Sequence[tuple[Node, ...]]) -> dict[str, Value]:
    """What names are where a body begins: one that leaves the loop is taken for one row, a handler for few."""
    if any(body is each for each in rare):
        return {name: _single(value, "row", "given") for name, value in env.items()}
    ends = bool(body) and leaves(body[-1])
    return {name: _single(value, "row") for name, value in env.items()} if ends else dict(env)


def again(env: dict[str, Value], before: dict[str, Value]) -> dict[str, Value]:
    """What names are behind a body: the rows that it left alone are those of every round."""
    kept = {name: value for name, value in before.items() if isinstance(value, One) and value.loop}
    return {**env, **{name: value for name, value in kept.items() if env.get(name) == value._replace(loop="")}}


def _single(value: Value, *loops: str) -> Value:
    return value._replace(loop="") if isinstance(value, One) and value.loop in loops else value


def after(tracer: Tracer, node: tree.For, before: dict[str, Value]) -> dict[str, Value]:
    """What names are behind a loop: its rows have what it gave them, and its variable is just the last one."""
    if isinstance(node.target, tree.Path) and isinstance(tracer.env.get(node.target.text), One):
        start = f"{node.target.text}."
        given = frozenset(name.removeprefix(start) for name in tracer.env if name.startswith(start))
        if given:
            fetched(tracer, node.iterable, given)
        tracer.env[node.target.text] = _single(tracer.env[node.target.text], "row")
    found = tracer.env
    return {name: tracer.joined(before[name], found[name]) if name in before else found[name] for name in found}
