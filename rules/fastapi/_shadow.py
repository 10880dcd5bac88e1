"""When one Starlette path answers every URL of another, so that what is registered later is never asked."""

from __future__ import annotations

import re
from functools import lru_cache

from cdlint.backend.wiring import HIDDEN

_PIECE = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-zA-Z_][a-zA-Z0-9_]*))?\}")
_CLASSES = {"str": "\ue000", "path": "\ue001", "int": "\ue002", "float": "\ue003", "uuid": "\ue004"}
_PATTERNS = {
    "str": "[^/\ue001\x00]+",
    "path": "(?s:.*)",
    "int": "[0-9\ue002]+",
    "float": "(?:[0-9\ue002]+(?:\\.[0-9]+)?|\ue003)",
    "uuid": "\ue004",
}


@lru_cache(maxsize=4096)
def _pattern(path: str, mount: bool) -> re.Pattern[str] | None:
    """A path as a pattern over texts in which parameters are single characters; None when it has others."""
    out, last = [], 0
    for found in _PIECE.finditer(path):
        converter = found.group(2) or "str"
        if converter not in _PATTERNS:
            return None
        out += [re.escape(path[last : found.start()]), _PATTERNS[converter]]
        last = found.end()
    out.append(re.escape(path[last:]))
    return re.compile("".join(out) + ("/(?s:.*)" if mount else ""))


@lru_cache(maxsize=4096)
def _text(path: str) -> str | None:
    """A path in which each parameter is one character that stands for all that it may be."""
    converters = {found.group(2) or "str" for found in _PIECE.finditer(path)}
    if not converters <= _CLASSES.keys():
        return None
    return _PIECE.sub(lambda found: _CLASSES[found.group(2) or "str"], path)


def covers(earlier: str, later: str, mount: bool = False) -> bool:
    """Whether every URL of the later path is matched by the earlier one (or is below it, for a mount)."""
    pattern, text = _pattern(earlier, mount), _text(later)
    if pattern is None or text is None or (HIDDEN in earlier and HIDDEN not in later):
        return False
    return pattern.fullmatch(text) is not None


def slashes(path: str) -> int:
    """How many slashes every URL of a path has, whatever stands for its parameters; -1 when that differs."""
    return -1 if ":path}" in path else path.count("/")


def static_head(path: str) -> str:
    """The first segment of a path when it holds no parameter, else `""`."""
    first = path.lstrip("/").partition("/")[0]
    return "" if "{" in first or HIDDEN in first else first
