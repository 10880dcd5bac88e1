"""From encoded trees (nested plain tuples, as `marshal` writes them) to the classes of `tree`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .fields import NODE_FIELDS
from .tree import CLASSES, Code, Node

_new: Callable[[type[Node], Any], Node] = tuple.__new__
"""Makes a named tuple without counting its fields, as `_make` does."""


def _decode_many(codes: tuple[Code, ...]) -> tuple[Node, ...]:
    return tuple([decode(code) for code in codes])


def _decode_pairs(codes: tuple[tuple[Code, Code], ...]) -> tuple[tuple[Node, Node], ...]:
    return tuple([(decode(first), decode(second)) for first, second in codes])


def decode(code: Code) -> Node:
    """An encoded node, or None, as the classes of this module."""
    if code is None:
        return None
    cls, fields = _DECODERS[code[0]]
    if not fields:
        return _new(cls, code[1:])
    parts = list(code)
    for index, field in fields:
        if parts[index]:
            parts[index] = field(parts[index])
    return _new(cls, parts[1:])


_FIELD: dict[str, Callable[[Any], Any]] = {"n": decode, "*": _decode_many, "p": _decode_pairs}
_DECODERS: list[tuple[type[Node], list[tuple[int, Callable[[Any], Any]]]]] = [
    (cls, [(index, _FIELD[kind]) for index, kind in enumerate(NODE_FIELDS.get(cls, ""), start=1) if kind != "="])
    for cls in CLASSES
]
