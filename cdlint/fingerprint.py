"""Which finding is which: our key without line numbers, and the line hash that code scanning computes itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from operator import mul

_BLOCK = 100
_WORD = (1 << 64) - 1
_POWERS = tuple(pow(37, _BLOCK - 1 - index, 1 << 64) for index in range(_BLOCK))
_END = "\uffff"
_NUMBER = re.compile(r"\b\d+\b")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NO_BLANKS = str.maketrans("", "", " \t")


def fingerprint(rule_id: str, path: str, symbol: str, message: str = "") -> str:
    """The key `cdlint/v1`: it survives moved lines and reformatting, and changes with the subject.

    Without a symbol the message stands in, its numbers taken out: they may be line numbers.
    """
    subject = symbol or _NUMBER.sub("#", message)
    key = "\0".join((rule_id, path, subject)).encode("utf-8", "surrogatepass")
    return blake2b(key, digest_size=16).hexdigest()


def distinct(keys: Iterable[str]) -> Iterator[str]:
    """The keys of a report in order; the second of two equal ones becomes `key:2`, and so on."""
    seen: dict[str, int] = {}
    for key in keys:
        seen[key] = count = seen.get(key, 0) + 1
        yield key if count == 1 else f"{key}:{count}"


def line_hashes(text: str, lines: Collection[int] | None = None) -> dict[int, str]:
    """The `primaryLocationLineHash` of each line of `lines`, of all lines when None.

    GitHub's uploader computes it when it is missing and warns when it differs, so this is its
    algorithm: a hash over the 100 UTF-16 units that follow the line's start, blanks left out,
    and `:n` for the nth line of the file with that hash. `text` is the file decoded as UTF-8,
    errors replaced, a byte order mark and the line ends kept.
    """
    units = _units(text)
    wanted = None if lines is None else frozenset(lines)
    last = None if wanted is None else max(wanted, default=0)
    seen: dict[str, int] = {}
    found = {}
    for number, start in enumerate(_starts(units), start=1):
        if last is not None and number > last:
            break
        window = units[start : start + _BLOCK]
        seen[window] = count = seen.get(window, 0) + 1
        if wanted is None or number in wanted:
            found[number] = f"{_hash(window):x}:{count}"
    return found


def _units(text: str) -> str:
    """One character for each unit that counts, closed by the end mark and zeros for the last window."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NO_BLANKS)
    if text and max(text) > "\uffff":
        text = _ASTRAL.sub(_surrogates, text)
    return text + _END + "\0" * (_BLOCK - 1)


def _surrogates(match: re.Match[str]) -> str:
    high, low = divmod(ord(match[0]) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def _starts(units: str) -> Iterator[int]:
    start = 0
    while True:
        yield start
        start = units.find("\n", start) + 1
        if not start:
            return


def _hash(window: str) -> int:
    total: int = sum(map(mul, map(ord, window), _POWERS))
    return total & _WORD
