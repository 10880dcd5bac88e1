"""What a function does once although it stands in a loop: where the loop ends, or what is hardly ever run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.classes import functions_of

from ._state_run import Run
from ._state_values import Ref, Value
from ._statements import Place


class Rounds(NamedTuple):
    """The places in a function that run once for each item of something, and those that run once all the same."""

    repeated: tuple[At, ...]
    once: tuple[At, ...]


def is_once(run: Run, at: At) -> bool:
    """Whether what stands here happens for one of the items that a loop around it goes through, or for few."""
    if run.schema is not None:
        return False
    repeated, once = run.project[rounds, run.frame.place]
    around = [each for each in repeated if tree.within(at, each)]
    if any(tree.within(at, each) and not any(tree.within(inner, each) for inner in around) for each in once):
        return True
    return not around and not run.frame.chain


def one_of(run: Run, value: Value, at: At) -> Value:
    """A value as a call gets it: an item of a loop is just one instance where the call happens once."""
    return Ref(value.key) if isinstance(value, Ref) and value.each and is_once(run, at) else value


def rounds(project: Project, place: Place) -> Rounds:
    """Those of a function's own body."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return Rounds((), ())
    inner = [each.at for each in function.nodes if isinstance(each, (tree.Comprehension, tree.Lambda))]
    found = list(_found(function.body, 0))
    return Rounds(
        (*inner, *(at for kind, at in found if kind == "repeated")), tuple(at for kind, at in found if kind == "once")
    )


def _found(body: tuple[Node, ...], loops: int) -> Iterator[tuple[str, At]]:
    if loops and body and _leaves(body[-1], loops):
        yield "once", _span(body)
    for node in body:
        if isinstance(node, (tree.For, tree.While)):
            yield "repeated", _span(node.body)
            yield from _found(node.body, loops + 1)
            yield from _found(node.orelse, loops)
        elif isinstance(node, tree.If):
            yield from _found(node.body, loops)
            yield from _found(node.orelse, loops)
        elif isinstance(node, tree.With):
            yield from _found(node.body, loops)
        elif isinstance(node, tree.Match):
            for case in node.cases:
                yield from _found(case.body, loops)
        elif isinstance(node, tree.Try):
            for block in (node.body, node.orelse, node.final):
                yield from _found(block, loops)
            for handler in node.handlers:
                if loops and handler.body:
                    yield "once", _span(handler.body)
                yield from _found(handler.body, loops)


def _leaves(node: Node, loops: int) -> bool:
    """Whether all loops around this last statement of a block end with it, on the plain way through what holds it."""
    if isinstance(node, (tree.Try, tree.With)):
        return bool(node.body) and _leaves(node.body[-1], loops)
    return isinstance(node, (tree.Return, tree.Raise)) or (
        isinstance(node, tree.Jump) and node.kind == "break" and loops == 1
    )


def _span(body: tuple[Node, ...]) -> At:
    return (*body[0].at[:2], *body[-1].at[2:])
