"""What lock files say: which version of each distribution is installed.

They are written by tools, always in the same layout, and can have a million characters:
so they are scanned, not parsed, which gives the lines as well.
"""

from __future__ import annotations

import re

from .stated import LOCK, PROGRAM, Manifest, Stated, line_at, normal, stated

_PACKAGE = re.compile(
    r'^\[\[(?:package|packages)\]\]\r?\n(?:(?!\[)(?!name\b).*\n)*?name = "([^"\n]+)"\r?\n(?:(?!\[|version\b).*\n)*?'
    r'version = "([^"\n]+)"',
    re.MULTILINE,
)
_OWN = re.compile(r"\r?\nsource = \{ (?:editable|virtual|directory) =")
_ENTRY = re.compile(r'^ {8}"([^"\n]+)": \{', re.MULTILINE)
_ENTRY_END = re.compile(r"^ {8}\}", re.MULTILINE)
_VERSION = re.compile(r'^ {12}"version": "([^"\n]+)"', re.MULTILINE)


def tables(path: str, text: str) -> Manifest:
    """`uv.lock`, `poetry.lock` and `pdm.lock`: a `[[package]]` each."""
    found = []
    line, offset = 1, 0
    for match in _PACKAGE.finditer(text):
        if _OWN.match(text, match.end()):
            continue
        start = match.start(2)
        line, offset = line + text.count("\n", offset, start), start
        found.append(Stated(normal(match[1]), f"=={match[2]}", "", LOCK, PROGRAM, "", path, line))
    return Manifest(tuple(found))


def pipenv(path: str, text: str) -> Manifest:
    """`Pipfile.lock`: an object each, indented by eight."""
    found = []
    for match in _ENTRY.finditer(text):
        end = _ENTRY_END.search(text, match.end())
        version = _VERSION.search(text, match.end(), end.start() if end else len(text))
        if version is not None:
            line = line_at(text, version.start())
            found.append(stated(match[1], version[1], LOCK, PROGRAM, path, line))
    return Manifest(tuple(found))
