"""How functions call names, and where in their statements, without decoding their bodies."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Code

_CALLED, _PATH = tree.TAG[tree.Call], tree.TAG[tree.Path]
_FOR, _WITH = tree.TAG[tree.For], tree.TAG[tree.With]


def entered(function: Function) -> Iterator[tuple[str, str]]:
    """The dotted names that `with` statements enter as they are, each with the word of the statement."""
    for code in function.statements():
        if code[0] == _WITH:
            for value, _ in code[1]:
                if value[0] == _PATH:
                    yield value[1], "async with" if code[3] else "with"


def heads(function: Function) -> Iterator[tuple[str, str]]:
    """The dotted callees in the heads of `with` and `for` statements, each with the word of the statement."""
    for code in function.statements():
        tag = code[0]
        if tag == _WITH:
            word = "async with" if code[3] else "with"
            for value, _ in code[1]:
                if callee := _callee(value):
                    yield callee, word
        elif tag == _FOR and (callee := _callee(code[2])):
            yield callee, "async for" if code[5] else "for"


def _callee(code: Code) -> str:
    return code[1][1] if code[0] == _CALLED and code[1][0] == _PATH else ""
