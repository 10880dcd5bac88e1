"""Configuration files on disk: where one is, what TOML it holds, on which line a key stands."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .failure import Failure

OWN, SHARED = "cdlint.toml", "pyproject.toml"


class ConfigFile(NamedTuple):
    """One configuration file, read."""

    path: str
    text: str
    prefix: tuple[str, ...]
    """The tables that the settings lie in."""
    table: dict[str, Any]

    def place(self, keys: Sequence[str | int] = (), value: str | None = None) -> str:
        """`file:line` of a key, or of a string in its value; only `file` when it is not found."""
        line = _line(self.text, (*self.prefix, *keys), value)
        return f"{shown(self.path)}:{line}" if line else shown(self.path)


def shown(path: str) -> str:
    """A path as the user would write it: relative when that is not longer."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        return path
    return min(relative, path, key=len)


def ancestors(folder: str) -> list[str]:
    """The folder and those above it, nearest first."""
    found = [folder]
    while (parent := os.path.dirname(found[-1])) != found[-1]:
        found.append(parent)
    return found


def read(path: str) -> ConfigFile | None:
    """A file's settings; None when it is a `pyproject.toml` that has none."""
    prefix = ("tool", "cdlint") if os.path.basename(path) == SHARED else ()
    text = _text(path)
    table: Any = _parse(path, text)
    for depth, key in enumerate(prefix, start=1):
        table = table.get(key)
        if table is None:
            return None
        if not isinstance(table, dict):
            line = _line(text, prefix[:depth], None)
            where = f"{shown(path)}:{line}" if line else shown(path)
            raise Failure(f"{where}: `{'.'.join(prefix[:depth])}` must be a table")
    return ConfigFile(path, text, prefix, table)


def in_folder(folder: str) -> ConfigFile | None:
    """The configuration file of one folder: `cdlint.toml` wins over `pyproject.toml`."""
    for name in (OWN, SHARED):
        path = os.path.join(folder, name)
        if os.path.lexists(path) and (found := read(path)) is not None:
            return found
    return None


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except OSError as error:
        raise Failure(f"{shown(path)}: cannot be read: {error.strerror or error}") from None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Failure(f"{shown(path)}:{line}: not UTF-8, which TOML must be") from None


def _parse(path: str, text: str) -> dict[str, Any]:
    import tomli

    try:
        return tomli.loads(text)
    except RecursionError:
        raise Failure(f"{shown(path)}: nested too deeply to be read") from None
    except ValueError as error:
        message = str(error)
        found = re.search(r"\(at (?:line (\d+), column \d+|end of document)\)", message)
        line = text.count("\n") + 1 if found is None or found[1] is None else int(found[1])
        reason = re.sub(r" \(at .*\)$", "", message)
        raise Failure(f"{shown(path)}:{line}: invalid TOML: {reason}") from None


_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_DOTTED})\s*\]\]?")
_KEY = re.compile(rf"(?:^|[{{,])\s*({_DOTTED})\s*=")


def _line(text: str, keys: Sequence[str | int], value: str | None) -> int:
    """The line on which the longest known beginning of a path of keys stands, 0 when none.

    The parser keeps no positions, so this reads the lines again, for a message only.
    """
    best, best_line = 0, 0
    lines = text.split("\n")
    here: tuple[str | int, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(lines, start=1):
        if line.lstrip().startswith("#"):
            continue
        header = _HEADER.match(line)
        if header:
            name = _split(header[2])
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
            here = _indexed(name, counts)
            paths = [here]
        else:
            paths = _keys_of(line, here)
        for path in paths:
            if len(path) > best and tuple(keys[: len(path)]) == path:
                best, best_line = len(path), number
    if value is not None and best_line:
        quoted = (f'"{value}"', f"'{value}'")
        for number in range(best_line, len(lines) + 1):
            if any(each in lines[number - 1] for each in quoted):
                return number
    return best_line


def _indexed(name: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> tuple[str | int, ...]:
    """A header's path, with the number of the table wherever it goes through an array of tables."""
    path: list[str | int] = []
    for length, part in enumerate(name, start=1):
        path.append(part)
        if name[:length] in counts:
            path.append(counts[name[:length]])
    return tuple(path)


def _keys_of(line: str, here: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    """The paths that a line assigns to: its key, and the keys of an inline table under it."""
    names = [_split(match[1]) for match in _KEY.finditer(line)]
    if not names:
        return []
    first = (*here, *names[0])
    return [first, *((*first, *name) for name in names[1:])]


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
