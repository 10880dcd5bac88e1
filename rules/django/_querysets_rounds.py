"""Which loops over rows come no further than the first row that is good for something."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node


def leaves(node: Node) -> bool:
    """Whether a loop with this statement in its body ends there, on the plain way into `try` and `with`."""
    if isinstance(node, (tree.Try, tree.With)):
        return bool(node.body) and leaves(node.body[-1])
    return isinstance(node, (tree.Return, tree.Raise)) or (isinstance(node, tree.Jump) and node.kind == "break")
