"""The compact tree of expressions and statements that facts hold instead of an `ast`.

A tree exists in two shapes. *Encoded*, it is nested plain tuples `(tag, field, ...)`
that `marshal` can write, made once per file by `extract`. *Decoded*, it is the classes
below, made by `codec.decode` for just the functions that a rule's question reaches.

Every node ends in `at`: `(line, column, end_line, end_column)`, lines from 1, columns
from 0 in UTF-8 bytes, as `ast` counts them. The engine turns them into code points when
it reports, which is the only place where that difference matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from .fields import NODE_FIELDS
from .nodes import *  # noqa: F403
from .nodes import CLASSES, At, Call, Node

_PLACES: dict[type, tuple[tuple[int, str], ...]] = {
    cls: tuple((index, kind) for index, kind in enumerate(NODE_FIELDS.get(cls, "")) if kind != "=") for cls in CLASSES
}
"""Class -> which of its fields hold nodes, and how."""
_BACKWARDS = {cls: places[::-1] for cls, places in _PLACES.items()}


def children(node: Node) -> list[Node]:
    """The nodes directly inside a node, in the order of its fields."""
    found: list[Node] = []
    for index, kind in _PLACES[type(node)]:
        value = node[index]
        if kind == "*":
            found += value
        elif kind == "p":
            found += [part for pair in value for part in pair if part is not None]
        elif value is not None:
            found.append(value)
    return found


def walk(*nodes: Node) -> Iterator[Node]:
    """The nodes and everything inside them, outer before inner, in source order.

    A function defined inside is not entered: its body is its own. A class body is.
    """
    stack = [*nodes[::-1]]
    while stack:
        node = stack.pop()
        if node is None:
            continue
        yield node
        # The hottest loop over trees, hence no call of `children` in it.
        for index, kind in _BACKWARDS[type(node)]:
            value = node[index]
            if kind == "n":
                stack.append(value)
            elif kind == "*":
                stack += value[::-1]
            else:
                for first, second in value[::-1]:
                    stack += (second, first)


def calls(*nodes: Node) -> Iterator[Call]:
    """The calls inside the nodes, outer before inner."""
    return (node for node in walk(*nodes) if isinstance(node, Call))


def within(at: At, outer: At) -> bool:
    """Whether a place lies in another."""
    return outer[:2] <= at[:2] and at[2:] <= outer[2:]
