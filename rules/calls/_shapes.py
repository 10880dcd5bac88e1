"""How functions call names, and where in their statements, without decoding their bodies."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Code

_CALLED, _PATH = tree.TAG[tree.Call], tree.TAG[tree.Path]
_BLOCKS: dict[int, tuple[int, ...]] = {
    tree.TAG[tree.If]: (2, 3), tree.TAG[tree.While]: (2, 3), tree.TAG[tree.For]: (3, 4), tree.TAG[tree.With]: (2,),
    tree.TAG[tree.Try]: (1, 2, 3, 4), tree.TAG[tree.Handler]: (3,), tree.TAG[tree.Match]: (2,),
    tree.TAG[tree.Case]: (3,),
}  # fmt: skip
"""Where the statements inside an encoded statement are."""
_FOR, _WITH = tree.TAG[tree.For], tree.TAG[tree.With]


class Shape(NamedTuple):
    """What a call passes: how many plain positional arguments and which keywords, `*` and `**` among them."""

    callee: str
    positional: int
    keywords: tuple[str, ...]


def shape_of(call: tree.Call) -> Shape:
    """The shape of a decoded call of a name, as `Function.shapes` has it."""
    plain = sum(not isinstance(each, tree.Starred) for each in call.args)
    names = tuple(each.name or "**" for each in call.keywords)
    return Shape(getattr(call.func, "text", "?"), plain, names if plain == len(call.args) else (*names, "*"))


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
