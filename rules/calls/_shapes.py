"""How functions call names and where, read from their encoded bodies without decoding them."""

from __future__ import annotations

import marshal
import re
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Code

_REFLESS = 2
"""The version of `marshal` that writes everything out, so that every part can be loaded alone."""


def _tag(node: type) -> bytes:
    return b"i" + re.escape(struct.pack("<i", tree.TAG[node]))


_STARRED, _CALLED, _PATH = tree.TAG[tree.Starred], tree.TAG[tree.Call], tree.TAG[tree.Path]
_BLOCKS: dict[int, tuple[int, ...]] = {
    tree.TAG[tree.If]: (2, 3), tree.TAG[tree.While]: (2, 3), tree.TAG[tree.For]: (3, 4), tree.TAG[tree.With]: (2,),
    tree.TAG[tree.Try]: (1, 2, 3, 4), tree.TAG[tree.Handler]: (3,), tree.TAG[tree.Match]: (2,),
    tree.TAG[tree.Case]: (3,),
}  # fmt: skip
"""Where the statements inside an encoded statement are."""
_FOR, _WITH = tree.TAG[tree.For], tree.TAG[tree.With]
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


def shapes(function: Function, callees: Iterable[str]) -> Iterator[tuple[str, Shape]]:
    """The calls of these dotted names in a function, each name with the shape of the call."""
    wanted = {each.encode(): each for each in callees}
    code = marshal.dumps(marshal.loads(function.body_code), _REFLESS)
    for match in _CALL.finditer(code):
        text = wanted.get(match[1])
        if text is not None:
            _, _, args, keywords, _ = marshal.loads(memoryview(code)[match.start() :])
            plain = sum([each[0] != _STARRED for each in args])
            written = tuple([each[1] for each in keywords if each[1] is not None])
            yield text, Shape(plain, written, plain != len(args), len(written) != len(keywords))


def heads(function: Function) -> Iterator[tuple[str, str]]:
    """The dotted callees in the heads of `with` and `for` statements, each with the word of the statement."""
    stack = list(marshal.loads(function.body_code))
    while stack:
        code = stack.pop()
        tag = code[0]
        if tag == _WITH:
            word = "async with" if code[3] else "with"
            for value, _ in code[1]:
                if callee := _callee(value):
                    yield callee, word
        elif tag == _FOR and (callee := _callee(code[2])):
            yield callee, "async for" if code[5] else "for"
        for place in _BLOCKS.get(tag, ()):
            stack.extend(code[place])


def _callee(code: Code) -> str:
    return code[1][1] if code[0] == _CALLED and code[1][0] == _PATH else ""
