"""Statements that a function puts together: of constant parts, one added to the other, and of parts that vary."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TypeAlias

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.classes import functions_of
from cdlint.project.constants import fold
from cdlint.project.values import Scope

from ._schema import LONGEST

HOLE = ":cdlint_hole"
"""Stands in a text for a part that varies, as a value that is bound would."""
_MOST = 8
"""How many ways to put a statement together are looked at."""
_BRANCHES = (tree.For, tree.While, tree.With, tree.Try, tree.Match)

Texts: TypeAlias = tuple[str, ...]
"""What a text may come to; none when that is not known."""


def composed(project: Project, scope: Scope, node: Node) -> Texts:
    """The texts that an expression may come to where it stands, with each condition met on the way."""
    return _texts(project, scope, node, node.at, {})


def _texts(project: Project, scope: Scope, node: Node, at: At, held: Mapping[str, Texts]) -> Texts:
    """What an expression at a place comes to; `held` are names of which it is known there."""
    if isinstance(node, tree.FString):
        return _joined([_part(project, scope, each, at, held) for each in node.parts])
    if isinstance(node, tree.Binary) and node.op == "+":
        return _joined([_part(project, scope, each, at, held) for each in node.terms])
    if isinstance(node, tree.Conditional):
        return _either(_texts(project, scope, node.body, at, held), _texts(project, scope, node.orelse, at, held))
    if isinstance(node, tree.Path) and "." not in node.text and scope[1]:
        function = project[functions_of, scope[0]].get(scope[1])
        if function is not None and node.text in function.binds:
            return held[node.text] if node.text in held else project[_kept, (scope, node.text, at)]
    folded = fold(project, scope, node, infer=False)
    return (folded,) if isinstance(folded, str) else ()


def _kept(project: Project, key: tuple[Scope, str, At]) -> Texts:
    """What a local name holds at a place, for `(scope, name, place)`."""
    scope, name, at = key
    return _run(project, scope, project[functions_of, scope[0]][scope[1]].body, name, at, ())


def _part(project: Project, scope: Scope, node: Node, at: At, held: Mapping[str, Texts]) -> Texts:
    """A part of a text: what it is, or a hole for what varies."""
    return _texts(project, scope, node, at, held) or (f" {HOLE} ",)


def _joined(parts: list[Texts]) -> Texts:
    count, length = 1, 0
    for each in parts:
        count *= len(each)
        length += max(map(len, each), default=0)
    return tuple("".join(each) for each in product(*parts)) if count <= _MOST and length <= LONGEST else ()


def _either(one: Texts, other: Texts) -> Texts:
    """One or the other, if both are known."""
    return tuple(dict.fromkeys((*one, *other))) if one and other and len(one) + len(other) <= _MOST else ()


def _run(project: Project, scope: Scope, body: tuple[Node, ...], name: str, at: At, held: Texts) -> Texts:
    """What a name holds at a place, or at the end of these statements, when it held this before them."""
    for node in body:
        if node.at[:2] > at[:2]:
            break
        inside = tree.within(at, node.at)
        if isinstance(node, tree.If):
            held = _branched(project, scope, node, name, at, held)
        elif isinstance(node, (tree.With, tree.For)) and (inside or isinstance(node, tree.With)):
            held = _run(project, scope, node.body, name, at, held) if not _again(node, name) else ()
        elif isinstance(node, tree.Try) and not any(_binds(each.body, name) for each in node.handlers):
            held = _run(project, scope, (*node.body, *node.orelse, *node.final), name, at, held)
        elif isinstance(node, _BRANCHES) and _binds((node,), name):
            held = ()
        elif isinstance(node, tree.Assign) and not inside and any(_names(each, name) for each in node.targets):
            plain = len(node.targets) == 1 and isinstance(node.targets[0], tree.Path) and node.value is not None
            held = _texts(project, scope, node.value, node.at, {name: held}) if plain else ()
        elif isinstance(node, tree.AugAssign) and _names(node.target, name):
            more = _part(project, scope, node.value, node.at, {name: held})
            held = _joined([held, more]) if held and node.op == "+" else ()
        if inside:
            break
    return held


def _branched(project: Project, scope: Scope, node: tree.If, name: str, at: At, held: Texts) -> Texts:
    """What a name holds after an `if`, or at a place in it. One without `else` is taken to be met."""
    if tree.within(at, node.at):
        there = [body for body in (node.body, node.orelse) if body and body[0].at[:2] <= at[:2] <= body[-1].at[2:]]
        return _run(project, scope, there[0], name, at, held) if there else held
    if not _binds((node,), name):
        return held
    one = _run(project, scope, node.body, name, at, held) if _binds(node.body, name) else held
    if not node.orelse:
        return one
    return _either(one, _run(project, scope, node.orelse, name, at, held))


def _again(node: Node, name: str) -> bool:
    """Whether a loop changes the name, so that it holds more each time."""
    return isinstance(node, tree.For) and (_names(node.target, name) or _binds(node.body, name))


def _binds(nodes: tuple[Node, ...], name: str) -> bool:
    """Whether statements give a name another value."""
    return any(
        (isinstance(each, tree.Assign) and any(_names(target, name) for target in each.targets))
        or (isinstance(each, (tree.AugAssign, tree.For, tree.Generator)) and _names(each.target, name))
        or (isinstance(each, tree.Walrus) and each.name == name)
        or (isinstance(each, tree.With) and any(_names(target, name) for _, target in each.items))
        or (isinstance(each, tree.Delete) and any(_names(target, name) for target in each.targets))
        for each in tree.walk(*nodes)
    )


def _names(target: Node | None, name: str) -> bool:
    return any(isinstance(each, tree.Path) and each.text == name for each in tree.walk(target))
