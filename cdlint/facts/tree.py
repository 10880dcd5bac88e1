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

from .nodes import *  # noqa: F403
from .nodes import TAG, Call, Node


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, in source order of its fields."""
    for field in node:
        if isinstance(field, tuple):
            if type(field) in TAG:
                yield field
            else:
                for item in field:
                    if type(item) in TAG:
                        yield item
                    elif type(item) is tuple:
                        yield from (part for part in item if type(part) in TAG)


def walk(*nodes: Node) -> Iterator[Node]:
    """The nodes and everything inside them, outer before inner, in source order.

    A function defined inside is not entered: its body is its own. A class body is.
    """
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node is None:
            continue
        yield node
        stack.extend(reversed(tuple(children(node))))


def calls(*nodes: Node) -> Iterator[Call]:
    """The calls inside the nodes, outer before inner."""
    return (node for node in walk(*nodes) if isinstance(node, Call))
