"""Which fields of a node hold nodes, for everyone who goes through trees: `codec` and `tree.walk`."""

from __future__ import annotations

from .nodes import (
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

NODE_FIELDS: dict[type, str] = {
    Attribute: "n==", Call: "n**=", FString: "*=", Subscript: "nn=", Slice: "nnn=", Binary: "=*=",
    Boolean: "=*=", Unary: "=n=", Compare: "=*=", Conditional: "nnn=", Await: "n=", Yield: "n==",
    Lambda: "=n=", Sequence: "=*=", Mapping: "p=", Comprehension: "=nn*=", Walrus: "=n=",
    Starred: "n=", Expression: "n=", Assign: "*nn=", AugAssign: "n=n=", Return: "n=", Raise: "nn=",
    Delete: "*=", Assert: "nn=", If: "n**=", For: "nn**==", While: "n**=", With: "p*==", Try: "****=",
    Match: "n*=", ClassDef: "=*=", Keyword: "=n", Generator: "nn*=", Handler: "n=*=", Case: "*n*",
}  # fmt: skip
"""What each field holds: `=` no node, `n` a node or None, `*` a tuple of nodes, `p` a tuple of pairs of nodes.

Classes that are not listed hold no nodes.
"""
BLOCKS: dict[type, tuple[int, ...]] = {
    If: (2, 3), While: (2, 3), For: (3, 4), With: (2,), Try: (1, 2, 3, 4), Handler: (3,), Match: (2,), Case: (3,),
    ClassDef: (2,),
}  # fmt: skip
"""Where in an encoded statement, or a part of one, the statements inside it are."""
