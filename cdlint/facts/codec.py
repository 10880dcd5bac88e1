"""From encoded trees (nested plain tuples, as `marshal` writes them) to the classes of `tree`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .tree import (
    CLASSES,
    Assert,
    Assign,
    Attribute,
    AugAssign,
    Await,
    Binary,
    Boolean,
    Call,
    Case,
    ClassDef,
    Code,
    Compare,
    Comprehension,
    Conditional,
    Delete,
    Expression,
    For,
    FString,
    Generator,
    Handler,
    If,
    Keyword,
    Lambda,
    Mapping,
    Match,
    Node,
    Raise,
    Return,
    Sequence,
    Slice,
    Starred,
    Subscript,
    Try,
    Unary,
    Walrus,
    While,
    With,
    Yield,
)  # fmt: skip

# How each field is decoded: "=" as it is, "n" a node or None, "*" a tuple of nodes,
# "p" a tuple of pairs of nodes. Fields that are not listed are as they are.
_NODE_FIELDS: dict[type, str] = {
    Attribute: "n==", Call: "n**=", FString: "*=", Subscript: "nn=", Slice: "nnn=", Binary: "=*=",
    Boolean: "=*=", Unary: "=n=", Compare: "=*=", Conditional: "nnn=", Await: "n=", Yield: "n==",
    Lambda: "=n=", Sequence: "=*=", Mapping: "p=", Comprehension: "=nn*=", Walrus: "=n=",
    Starred: "n=", Expression: "n=", Assign: "*nn=", AugAssign: "n=n=", Return: "n=", Raise: "nn=",
    Delete: "*=", Assert: "nn=", If: "n**=", For: "nn**==", While: "n**=", With: "p*==", Try: "****=",
    Match: "n*=", ClassDef: "=*=", Keyword: "=n", Generator: "nn*=", Handler: "n=*=", Case: "*n*",
}  # fmt: skip


def _decode_many(codes: tuple[Code, ...]) -> tuple[Node, ...]:
    return tuple([decode(code) for code in codes])


def _decode_pairs(codes: tuple[tuple[Code, Code], ...]) -> tuple[tuple[Node, Node], ...]:
    return tuple([(decode(first), decode(second)) for first, second in codes])


def decode(code: Code) -> Node:
    """An encoded node, or None, as the classes of this module."""
    if code is None:
        return None
    make, fields = _DECODERS[code[0]]
    if fields is None:
        return make(code[1:])
    return make([value if field is None else field(value) for field, value in zip(fields, code[1:], strict=True)])


_FIELD: dict[str, Callable[[Any], Any] | None] = {"=": None, "n": decode, "*": _decode_many, "p": _decode_pairs}
_DECODERS: list[tuple[Callable[[Any], Node], list[Callable[[Any], Any] | None] | None]] = [
    (cls._make, [_FIELD[kind] for kind in _NODE_FIELDS[cls]] if cls in _NODE_FIELDS else None)  # type: ignore[attr-defined]
    for cls in CLASSES
]
