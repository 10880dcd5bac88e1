"""Strings put together while watched objects are followed, with gaps where a piece is not known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..facts.tree import Node
from .answers import Unknown
from .constants import combine, string_method
from .object_frames import unwrap
from .objects import GAP, Items, Literal, Text, Value


def put_together(node: Node, value_of: Callable[[Node], Value]) -> Value:
    """The value of an f-string or of an operator on strings."""
    return _told(combine(node, lambda inner: with_gaps(value_of(inner))))


def called(receiver: str, name: str, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> Value:
    """The value of a method called on a string, which may have gaps."""
    known = [with_gaps(each) for each in args]
    if name in ("startswith", "endswith") and len(known) == 1 and GAP not in receiver and GAP not in str(known[0]):
        return Literal(getattr(receiver, name)(known[0])) if isinstance(known[0], (str, tuple)) else Unknown("a call")
    if name == "split" and GAP not in receiver and all(isinstance(each, str) and each for each in known):
        return Items(tuple(map(Literal, receiver.split(*known[:1]))))
    return _told(string_method(receiver, name, known, {key: with_gaps(each) for key, each in keywords}))


def with_gaps(value: Value) -> Any:
    """A value as a constant, a gap for one that is not known."""
    if isinstance(value, Text):
        return value.pattern
    if isinstance(value, Items):
        return tuple(with_gaps(item) for item in value.items)
    known = unwrap(value)
    return GAP if isinstance(known, Unknown) else known


def _told(known: Any) -> Value:
    if isinstance(known, Unknown):
        return known
    texts = known if isinstance(known, tuple) else (known,)
    if not any(isinstance(each, str) and GAP in each for each in texts):
        return Literal(known)
    if isinstance(known, str) and known.strip(GAP):
        return Text(known)
    return Unknown("a string that is not known")


def cut(value: Value, bounds: tuple[Value, Value, Value]) -> Value:
    """`value[lower:upper:step]`."""
    known = tuple(None if each is None else unwrap(each) for each in bounds)
    if not all(each is None or (isinstance(each, int) and each) for each in known):
        return Unknown("a slice that is not known")
    if isinstance(value, Items):
        return Items(value.items[slice(*known)])
    if isinstance(value, Literal) and isinstance(value.value, str):
        return Literal(value.value[slice(*known)])
    return Unknown("a slice of something that is not known")
