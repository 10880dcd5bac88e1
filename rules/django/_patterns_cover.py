"""Whether one URL pattern takes every URL of another, told by URLs that stand for all of the other's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ._patterns import LANGUAGE, LONGEST, Pattern, Piece

_ROUTE = re.compile(r"<(?:(?P<converter>[^<>:]+):)?(?P<name>[^<>]+)>")
_CONVERTERS = {
    "int": "[0-9]+",
    "str": "[^/]+",
    "slug": "[-a-zA-Z0-9_]+",
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "path": ".+",
}
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dwDWsS]|\.")
_SKIPPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")
_QUANTIFIER = re.compile(r"[*+?]\??|\{(\d+)(?:,(\d*))?\}\??")
_OPEN = re.compile(r"\((?:\?P<\w+>|\?:)?")
_SPECIAL = re.compile(r"[\\\[\](){}.*+?|^$]")
_TELLING = "a0-_.~Z@ é%:,f"
"""Characters of every sort that patterns tell apart; only the slash is missing."""
_LONG = 40


class Matcher(NamedTuple):
    """A pattern as one regular expression, and URLs that stand for all that it takes."""

    regex: str
    examples: tuple[str, ...]


class Outline(NamedTuple):
    """What of a pattern can be told without reading it closely.

    `start` is a text that all its URLs begin with, `whole` says that this is all of it, `slashes` how
    many slashes each URL has, -1 when that varies, and `end` is a text that all its URLs end with.
    """

    start: str
    whole: bool
    slashes: int
    end: str


def outline(pattern: Pattern) -> Outline:
    """A rough picture of a pattern."""
    start, whole, slashes = "", True, 0
    for index, piece in enumerate(pattern.pieces):
        text = piece.text.removeprefix("^") if piece.regex else piece.text
        plain = _SPECIAL.split(text, maxsplit=1)[0] if piece.regex else text.partition("<")[0]
        count = _slashes(text, index == len(pattern.pieces) - 1) if piece.regex else text.count("/")
        slashes = -1 if min(slashes, count) < 0 or "<path:" in text else slashes + count
        if whole:
            # What repeats or drops the last character comes right behind it.
            start += plain if len(plain) == len(text) or not piece.regex else plain[:-1]
        whole = whole and len(plain) == len(text)
    return Outline(start, whole, slashes, _end(pattern))


def _end(pattern: Pattern) -> str:
    """A text that all URLs of a pattern end with."""
    end = ""
    for index, piece in enumerate(reversed(pattern.pieces)):
        text = piece.text.removeprefix("^") if piece.regex else piece.text
        if piece.regex:
            if "|" in text or (index == 0 and not text.endswith("$")):
                return end
            text = text.removesuffix("$")
            behind = _SPECIAL.split(text)[-1]
            # A backslash gives the letter behind it another sense.
            plain = behind[1:] if text.removesuffix(behind).endswith("\\") else behind
        else:
            plain = text.rpartition(">")[2]
        end = plain + end
        if len(plain) < len(text):
            return end
    return end


def _slashes(text: str, last: bool) -> int:
    """How many slashes a regular expression matches, -1 when that varies."""
    if last and not text.endswith(("$", r"\Z")):
        return -1
    classes = re.findall(r"\[\^?\]?[^\]]*\]", text)
    if any(("/" in each) != each.startswith("[^") for each in classes):
        return -1
    rest = re.sub(r"\[\^?\]?[^\]]*\]", "", text)
    return -1 if re.search(r"(?<!\\)[.|]|\\[SDW]|/[?*+{)]|\)[?*+{]", rest) else rest.count("/")


def matcher(pattern: Pattern) -> Matcher | None:
    """A pattern, ready to be compared; None when it is too complicated."""
    whole = []
    last = len(pattern.pieces) - 1
    for index, piece in enumerate(pattern.pieces):
        text = _regex(piece, index == last)
        if text is None:
            return None
        whole.append(text)
    regex = "".join(whole)
    # A slash that is optional at the end is left out: that is the URL which reversing gives.
    parts = _parts(regex.removesuffix("/?"))
    if parts is None:
        return None
    count = max((len(texts) for texts in parts), default=1)
    examples = ["".join([texts[min(turn, len(texts) - 1)] for texts in parts]) for turn in range(count)]
    return Matcher(regex, tuple(dict.fromkeys(examples)))


def covers(one: Matcher, other: Matcher, compiled: dict[str, re.Pattern[str] | None]) -> bool:
    """Whether the first takes all URLs of the second; `compiled` keeps what was compiled before."""
    if one.regex not in compiled:
        try:
            compiled[one.regex] = re.compile(one.regex)
        except re.error:
            compiled[one.regex] = None
    known = compiled[one.regex]
    return known is not None and all(known.fullmatch(example) for example in other.examples)


def shown(pattern: Pattern) -> str:
    """A pattern as a person would write its path."""
    texts = [_shown(piece) for piece in pattern.pieces]
    return "/" + re.sub(r"\(\?P<(\w+)>(?:[^()\\]|\\.)*\)", r"<\1>", "".join(texts))


def _shown(piece: Piece) -> str:
    if piece == LANGUAGE:
        return "<language>/"
    return piece.text.removeprefix("^").removesuffix("$").removesuffix("/?") if piece.regex else piece.text


def _regex(piece: Piece, last: bool) -> str | None:
    """A piece as a regular expression without anchors; None when it may match anywhere or looks around."""
    if not piece.regex:
        found, at = [], 0
        for match in _ROUTE.finditer(piece.text):
            converter = match["converter"] or "str"
            if converter not in _CONVERTERS or (converter == "path" and not last):
                return None
            found += [re.escape(piece.text[at : match.start()]), f"(?:{_CONVERTERS[converter]})"]
            at = match.end()
        return "".join((*found, re.escape(piece.text[at:])))
    text = piece.text
    if (text and not text.startswith("^")) or len(text) > LONGEST:
        return None
    text = text.removeprefix("^")
    ended = text.endswith(("$", r"\Z")) and not text.endswith(r"\$")
    text = text.removesuffix("$").removesuffix(r"\Z")
    if re.search(r"(?<!\\)[|^$]|\(\?(?!P<|:)|\\[bBAZ1-9]", re.sub(r"\[\^", "[", text)):
        return None
    if not last:
        return None if ended or ".*" in text or ".+" in text else text
    return text if ended else f"{text}.*"


def _parts(regex: str) -> list[list[str]] | None:
    """The regular expression part by part, each with texts that stand for all that it matches."""
    found: list[list[str]] = []
    at = 0
    while at < len(regex):
        group = _OPEN.match(regex, at)
        if group is not None:
            end = _closing(regex, at)
            inner = _parts(regex[group.end() : end]) if end is not None else None
            if inner is None or end is None:
                return None
            at = end + 1
            count = _QUANTIFIER.match(regex, at)
            if count is not None:
                if count.group() != "?":
                    return None
                at = count.end()
                size = max((len(texts) for texts in inner), default=1)
                inner = [["", *("".join(texts[min(turn, len(texts) - 1)] for texts in inner) for turn in range(size))]]
            found += inner
            continue
        one = _CLASS.match(regex, at)
        if one is None and regex[at] in "*+?{)":
            return None
        end_at = one.end() if one is not None else at + (2 if regex[at] == "\\" else 1)
        item = regex[at:end_at]
        count = _QUANTIFIER.match(regex, end_at)
        texts = _texts(item, one is not None, count)
        if texts is None:
            return None
        found.append(texts)
        at = count.end() if count is not None else end_at
    return found


def _closing(regex: str, at: int) -> int | None:
    depth = 0
    while at < len(regex):
        skipped = _SKIPPED.match(regex, at)
        if skipped:
            at = skipped.end()
            continue
        depth += {"(": 1, ")": -1}.get(regex[at], 0)
        if depth == 0:
            return at
        at += 1
    return None


def _texts(item: str, varies: bool, count: re.Match[str] | None) -> list[str] | None:
    """Texts that stand for all of a repeated character."""
    if varies:
        letters = list(_letters(item))
    else:
        letters = [item.removeprefix("\\")]
    if not letters:
        return None
    least, most = _bounds(count)
    if most == 1:
        return letters if least else ["", *letters]
    long = ("".join(letters) * _LONG)[: most if most is not None else _LONG + len(letters)]
    texts = [long.ljust(least, letters[0]), *(letter * max(least, 1) for letter in letters)]
    return texts if least else ["", *texts]


@lru_cache(maxsize=500)
def _letters(item: str) -> str:
    """The telling characters that a class of characters holds."""
    try:
        known = re.compile(item)
    except re.error:
        return ""
    return "".join(each for each in _TELLING + "/" if known.fullmatch(each))


def _bounds(count: re.Match[str] | None) -> tuple[int, int | None]:
    if count is None:
        return 1, 1
    if count.group(1):
        least = int(count.group(1))
        upper = count.group(2)
        return least, least if upper is None else int(upper) if upper else None
    return {"*": (0, None), "+": (1, None), "?": (0, 1)}[count.group()[0]]
