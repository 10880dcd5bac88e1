"""Rows that are handed to what shows them: made a text of, or given to a call that takes many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdlint.facts import tree

from ._querysets_events import Read
from ._querysets_values import Items, One, Rows, Value

if TYPE_CHECKING:
    from ._querysets import Tracer


def texts(tracer: Tracer, node: tree.FString) -> None:
    """Follow the parts of an f-string; an instance among them is made a text of."""
    for part in node.parts:
        as_text(tracer, tracer.value(part), part)


def as_text(tracer: Tracer, value: Value, node: tree.Node) -> None:
    """Note that a row is made a text of, which runs its `__str__`. What handlers of errors say is said rarely."""
    if isinstance(value, One) and value.loop and not _is_in_handler(tracer, node):
        tracer.reads.append(Read(value, "__str__", node.at, True))


def _is_in_handler(tracer: Tracer, node: tree.Node) -> bool:
    handlers = (each for each in tree.walk(*tracer.function.body) if isinstance(each, tree.Handler))
    return any(each.at[:2] <= node.at[:2] <= each.at[2:] for each in handlers)


def handed(tracer: Tracer, node: tree.Call, given: Value) -> None:
    """Note the rows that a call with `many=` is given, as serializers are."""
    if any(each.name == "many" for each in node.keywords):
        value = tracer.forced(given)
        if isinstance(value, (Rows, Items)):
            tracer.handed.append((node.at, value))
