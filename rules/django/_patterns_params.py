"""Which parameters a URL pattern captures, as Django's reversing sees them."""

from __future__ import annotations

import re
from itertools import product
from math import prod

from ._patterns import LONGEST, Pattern, Piece

Params = tuple[str, ...]
_ROUTE = re.compile(r"<(?:(?P<converter>[^<>:]+):)?(?P<name>[^<>]+)>")
_NAMED = re.compile(r"\(\?P<(\w+)>")
_QUANTIFIER = re.compile(r"[*+?]\??|\{(\d*)(,?)\d*\}\??")


def parameters(pattern: Pattern) -> tuple[Params, ...] | None:
    """The ways to fill a pattern: unnamed groups are `_0`, `_1`, ...; None when it is too complicated."""
    ways = []
    for piece in pattern.pieces:
        found = of_regex(piece.text) if piece.regex else (tuple(m["name"] for m in _ROUTE.finditer(piece.text)),)
        if found is None:
            return None
        ways.append(found)
    if prod(map(len, ways)) > 16:
        return None
    joined = []
    for chosen in product(*ways):
        names = [name for part in chosen for name in part]
        joined.append(tuple(name if name != "_" else f"_{index}" for index, name in enumerate(names)))
    return tuple(dict.fromkeys(joined))


def captured(pattern: Pattern) -> tuple[frozenset[str], int] | None:
    """The keywords and the number of positional arguments that the view is called with; None when that varies.

    Named groups make Django leave out unnamed ones of the same piece.
    """
    names: set[str] = set()
    positional = 0
    for piece in pattern.pieces:
        found = keywords(piece)
        if found is None:
            return None
        names.update(found)
        if not found and piece.regex:
            ways = of_regex(piece.text)
            if ways is None or len(ways) != 1:
                return None
            positional += len(ways[0])
    return (frozenset(names), 0 if names else positional)


def keywords(piece: Piece) -> tuple[str, ...] | None:
    """The keywords that a piece of a path captures; None when some of them are left out at times."""
    if not piece.regex:
        return tuple(match["name"] for match in _ROUTE.finditer(piece.text))
    names = tuple(_NAMED.findall(piece.text))
    ways = of_regex(piece.text)
    if names and (ways is None or any(set(names) - set(way) for way in ways)):
        return None
    return names


def of_regex(text: str) -> tuple[Params, ...] | None:
    """The groups of a regular expression, in each of the ways in which optional ones are there or not."""
    if "(" not in text:
        return ((),)
    if len(text) > LONGEST:
        return None
    found = _sequence(text, 0)
    return found[0] if found is not None and found[1] == len(text) else None


def _sequence(text: str, start: int) -> tuple[tuple[Params, ...], int] | None:
    """The ways of a sequence up to its closing parenthesis, and where it ends."""
    ways: tuple[Params, ...] = ((),)
    at = start
    while at < len(text) and text[at] != ")":
        here: tuple[Params, ...] = ((),)
        if text[at] == "|":
            return None
        if text[at] == "\\":
            at += 2
        elif text[at] == "[":
            at = _class_end(text, at)
        elif text[at] == "(":
            group = _group(text, at)
            if group is None:
                return None
            here, at = group
        else:
            at += 1
        count = _QUANTIFIER.match(text, at)
        if count is not None:
            at = count.end()
            if here != ((),):
                least = count.group()[0] in "*?" or count.group(1) == "0"
                if not least and count.group()[0] != "+":
                    return None
                here = ((), *here) if least else here
        ways = tuple(dict.fromkeys((*one, *other) for one in ways for other in here))
        if len(ways) > 16:
            return None
    return ways, at


def _group(text: str, at: int) -> tuple[tuple[Params, ...], int] | None:
    """The ways of one group, and where it ends."""
    named = _NAMED.match(text, at)
    if named is not None or text[at + 1 : at + 2] != "?":
        end = _closing(text, at)
        return None if end is None else (((named.group(1) if named else "_",),), end)
    if text.startswith("(?:", at):
        inner = _sequence(text, at + 3)
        return None if inner is None or text[inner[1] : inner[1] + 1] != ")" else (inner[0], inner[1] + 1)
    if re.match(r"\(\?[aiLmsux]+\)", text[at:]):
        return ((),), text.index(")", at) + 1
    return None


def _closing(text: str, at: int) -> int | None:
    """The place behind the parenthesis that closes the one at `at`."""
    depth = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "[":
            at = _class_end(text, at) - 1
        elif text[at] in "()":
            depth += 1 if text[at] == "(" else -1
            if depth == 0:
                return at + 1
        at += 1
    return None


def _class_end(text: str, at: int) -> int:
    """The place behind a character class."""
    end = at + 1
    if text[end : end + 1] == "^":
        end += 1
    if text[end : end + 1] == "]":
        end += 1
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    return end + 1
