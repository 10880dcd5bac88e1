"""Glob patterns over paths and dotted names, matched in time linear in pattern times name.

`*`, `?` and `[…]` stay within one segment, `**` as a whole segment stands for any number of
segments, none included. Nothing that a user writes becomes a regular expression as it
stands, so no pattern can be slow.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeAlias

_Segment: TypeAlias = Callable[[str], object] | None
"""Whether one segment matches; None for `**`."""
_MAGIC = re.compile(r"[*?\[]")


def problem(pattern: str) -> str | None:
    """Why a string is no path pattern, None when it is one."""
    if not pattern.strip("/ "):
        return "is empty"
    if "\0" in pattern:
        return "has a null character"
    if "\\" in pattern:
        return "has a backslash; write `/` between folders"
    if pattern.startswith("!"):
        return "starts with `!`; what is excluded cannot be taken back"
    if pattern.startswith(("/", "~")) or re.match(r"[A-Za-z]:", pattern):
        return "is absolute; patterns are relative to the root of the project"
    if ".." in pattern.split("/"):
        return "has `..`; patterns are relative to the root of the project and stay in it"
    return unclosed(pattern)


def unclosed(pattern: str) -> str | None:
    """Says so when a `[` has no `]`, which would otherwise silently match nothing."""
    for match in re.finditer(r"\[!?\]?[^\]]*(\]?)", pattern):
        if not match[1]:
            return "has a `[` without `]`"
    return None


@lru_cache(maxsize=1024)
def path_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a relative file path, or a folder above it, matches, as in a gitignore file.

    A pattern without `/` matches at any depth, a final `/` matches folders only.
    """
    parts = pattern.strip("/").split("/")
    anywhere = "/" not in pattern.rstrip("/")
    below = ["*", "**"] if pattern.endswith("/") else ["**"]
    segments = _compile(["**"] * anywhere + parts + below)
    return lambda path: _matches(segments, path.split("/"))


@lru_cache(maxsize=1024)
def name_matcher(pattern: str, separator: str = ".") -> Callable[[str], bool]:
    """Whether a name of segments matches as a whole; `app.api.**` takes in `app.api` itself."""
    segments = _compile(pattern.split(separator))
    return lambda name: _matches(segments, name.split(separator))


def _compile(parts: Sequence[str]) -> list[_Segment]:
    return [None if part == "**" else _segment(part) for part in parts]


def _segment(part: str) -> Callable[[str], object]:
    if part == "*":
        return lambda text: True
    if not _MAGIC.search(part):
        return part.__eq__
    return re.compile(fnmatch.translate(part)).match


def _matches(segments: Sequence[_Segment], parts: Sequence[str]) -> bool:
    """Only the last `**` is ever tried again: what an earlier one could take, it can too."""
    at = part = mark = 0
    star = -1
    while part < len(parts):
        segment = segments[at] if at < len(segments) else parts
        if segment is None:
            star, mark, at = at, part, at + 1
        elif callable(segment) and segment(parts[part]):
            at, part = at + 1, part + 1
        elif star >= 0:
            mark += 1
            at, part = star + 1, mark
        else:
            return False
    return all(segment is None for segment in segments[at:])
