"""Parts of a function that run only if a parameter says so, and the calls that leave it off."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At


def left_out(facts: Function, call: tree.Call) -> frozenset[str]:
    """The parameters that switch parts of a function on and that a call leaves off."""
    keywords = {each.name for each in call.keywords}
    if None in keywords or any(isinstance(each, tree.Starred) for each in call.args):
        return frozenset()
    # The object that a method is called on is not counted, so that a parameter more may seem to be given.
    given = [param.name for param in facts.params if param.kind in ("positional", "positional-only")][
        : len(call.args) + 1
    ]
    default = {param.name for param in facts.params if param.default_code is not None and _is_off(param.default)}
    off = default - keywords - set(given) | {each.name for each in call.keywords if _is_off(each.value)}
    return frozenset(name for name, _ in _switched(facts) if name in off) if off else frozenset()


def is_off(facts: Function, at: At, names: frozenset[str]) -> bool:
    """Whether a place in a function is not reached while these parameters are off."""
    return any(name in names and part[:2] <= at[:2] < part[2:] for name, part in _switched(facts) if names)


def _is_off(node: tree.Node | None) -> bool:
    return isinstance(node, tree.Constant) and not node.value


def _switched(facts: Function) -> Iterator[tuple[str, At]]:
    """The bodies of `if parameter:`, where the parameter is what it was given."""
    bound = {each.text for node in facts.every(tree.Assign) for each in node.targets if isinstance(each, tree.Path)}
    for node in facts.every(tree.If):
        if isinstance(node.test, tree.Path) and node.test.text not in bound and node.body:
            yield node.test.text, (*node.body[0].at[:2], *node.body[-1].at[2:])
