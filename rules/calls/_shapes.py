"""How functions call names, read from their encoded bodies without decoding them."""

from __future__ import annotations

import marshal
import re
import struct
from collections.abc import Container, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function

_REFLESS = 2
"""The version of `marshal` that writes everything out, so that every part can be loaded alone."""


def _tag(node: type) -> bytes:
    return b"i" + re.escape(struct.pack("<i", tree.TAG[node]))


_STARRED = tree.TAG[tree.Starred]
_CALL = re.compile(
    rb"\(\x05\0\0\0" + _tag(tree.Call) + rb"\(\x03\0\0\0" + _tag(tree.Path) + rb"u.{4}([^(]*)\(\x04", re.DOTALL
)


class Shape(NamedTuple):
    """What a call passes: how many positional arguments, which keywords, and whether `*` or `**` pass more."""

    positional: int
    keywords: tuple[str, ...]
    starred: bool
    double: bool


def shape_of(call: tree.Call) -> Shape:
    """The shape of a decoded call."""
    plain = sum(not isinstance(each, tree.Starred) for each in call.args)
    names = tuple(each.name for each in call.keywords if each.name is not None)
    return Shape(plain, names, plain != len(call.args), len(names) != len(call.keywords))


def shapes(function: Function, callees: Container[str]) -> Iterator[tuple[str, Shape]]:
    """The calls of these dotted names in a function, each name with the shape of the call."""
    code = marshal.dumps(marshal.loads(function.body_code), _REFLESS)
    for match in _CALL.finditer(code):
        text = match[1].decode("utf-8", "replace")
        if text in callees:
            _, _, args, keywords, _ = marshal.loads(memoryview(code)[match.start() :])
            plain = sum([each[0] != _STARRED for each in args])
            written = tuple([each[1] for each in keywords if each[1] is not None])
            yield text, Shape(plain, written, plain != len(args), len(written) != len(keywords))
