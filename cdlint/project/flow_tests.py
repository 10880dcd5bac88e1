"""What a test that came out true or false says about names, so that a path which contradicts itself is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from ..facts import tree
from ..facts.tree import At, Node

Known: TypeAlias = frozenset[tuple[str, str, bool]]
"""What is known on a path: (dotted name, what is asked of it, the answer)."""

NOTHING: Known = frozenset()
_TRUE, _NONE = "true", "None"


def assume(known: Known, test: Node, truth: bool) -> Known | None:
    """What is known once the test came out so; None when that contradicts what was known before."""
    found = set(known)
    for name, asked, answer in _facts(test, truth):
        if (name, asked, not answer) in found:
            return None
        found.add((name, asked, answer))
    return frozenset(found)


def either(one: Known, other: Known) -> Known | None:
    """What is known on one path or the other, when that is just as much: None when it would be less."""
    mine, theirs = one - other, other - one
    if not mine or not theirs:
        return one & other
    opposite = any((name, asked, not answer) in theirs for name, asked, answer in mine)
    return one & other if opposite and len({name for name, _, _ in mine | theirs}) == 1 else None


def forget(known: Known, target: Node) -> Known:
    """What stays known when something is assigned to a target."""
    if not known:
        return known
    names = {node.text for node in tree.walk(target) if isinstance(node, tree.Path)}
    prefixes = tuple(f"{name}." for name in names)
    return frozenset(each for each in known if each[0] not in names and not each[0].startswith(prefixes))


def constant(test: Node) -> bool | None:
    """How a test comes out that is a literal, or that a literal in it decides."""
    if isinstance(test, tree.Constant):
        return bool(test.value)
    if isinstance(test, tree.Unary) and test.op == "not":
        inner = constant(test.value)
        return None if inner is None else not inner
    if isinstance(test, tree.Boolean):
        found = [constant(value) for value in test.values]
        decisive = test.op == "or"
        return decisive if decisive in found else (None if None in found else not decisive)
    return None


def never_run(*nodes: Node) -> Iterator[At]:
    """Where the blocks stand that a literal in the test before them keeps from ever running."""
    for node in tree.walk(*nodes):
        if isinstance(node, tree.If) and (fixed := constant(node.test)) is not None:
            block = node.orelse if fixed else node.body
            if block:
                yield (*block[0].at[:2], *block[-1].at[2:])


def _facts(test: Node, truth: bool) -> Iterator[tuple[str, str, bool]]:
    if isinstance(test, tree.Path):
        yield test.text, _TRUE, truth
        if truth:
            yield test.text, _NONE, False
    elif isinstance(test, tree.Walrus):
        yield from _facts(tree.Path(test.name, test.at), truth)
    elif isinstance(test, tree.Unary) and test.op == "not":
        yield from _facts(test.value, not truth)
    elif isinstance(test, tree.Boolean) and (test.op == "and") == truth:
        for value in test.values:
            yield from _facts(value, truth)
    elif isinstance(test, tree.Compare) and len(test.ops) == 1:
        yield from _compared(test, truth)


def _compared(test: tree.Compare, truth: bool) -> Iterator[tuple[str, str, bool]]:
    left, right = test.terms
    left = tree.Path(left.name, left.at) if isinstance(left, tree.Walrus) else left
    if not isinstance(left, tree.Path) or not isinstance(right, tree.Constant):
        return
    op = test.ops[0]
    if op not in ("is", "is not", "==", "!="):
        return
    same = truth == (op in ("is", "=="))
    if right.value is None:
        yield left.text, _NONE, same
        if same:
            yield left.text, _TRUE, False
    else:
        yield left.text, repr(right.value), same
