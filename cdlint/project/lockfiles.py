"""What lock files say: which version of each distribution is installed.

They are written by tools, always in the same layout, and can have a million characters:
so they are scanned, not parsed, which gives the lines as well.
"""

from __future__ import annotations

import re

from .stated import LOCK, PROGRAM, Manifest, Problem, Stated, line_at, normal, stated

_PACKAGE = re.compile(
    r'^\[\[(?:package|packages)\]\]\r?\n(?:(?!\[)(?!name\b).*\n)*?name = "([^"\n]+)"\r?\n(?:(?!\[|version\b).*\n)*?'
    r'version = "([^"\n]+)"',
    re.MULTILINE,
)
_BAD = re.compile(r"^(?:<{7}|={7}|>{7}|\[(?!\[?[\w.\"' -]+\]{1,2}[ \t\r]*$)).*", re.MULTILINE)
"""A line that no tool wrote: a conflict of git, the beginning of a header."""
_LAST = re.compile(r"\[.*\]|\]|[\w.\"'-]+ = (?:\"[^\"]*\"|'[^']*'|\[.*\]|\{.*\}|[\w.:+-]+)|#.*")
"""What a last line may be."""
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
    return Manifest(tuple(found), _problems(path, text))


def _problems(path: str, text: str) -> tuple[Problem, ...]:
    bad = _BAD.search(text)
    whole = text.rstrip()
    start = whole.rfind("\n") + 1
    if bad is None and (not whole or _LAST.fullmatch(whole, start) or whole.endswith(('"""', "'''"))):
        return ()
    return (Problem(path, line_at(text, bad.start() if bad else start), "it is not valid TOML"),)


def pipenv(path: str, text: str) -> Manifest:
    """`Pipfile.lock`: an object each, indented by eight."""
    found = []
    line, offset = 1, 0
    for match in _ENTRY.finditer(text):
        end = _ENTRY_END.search(text, match.end())
        if end is None:
            break
        version = _VERSION.search(text, match.end(), end.start())
        if version is not None:
            line, offset = line + text.count("\n", offset, version.start()), version.start()
            found.append(stated(match[1], version[1], LOCK, PROGRAM, path, line))
    return Manifest(tuple(found), _json_problems(path, text))


def _json_problems(path: str, text: str) -> tuple[Problem, ...]:
    import json

    try:
        good = isinstance(json.loads(text), dict)
    except json.JSONDecodeError as error:
        return (Problem(path, error.lineno, "it is not valid JSON"),)
    except (RecursionError, ValueError):
        good = False
    return () if good else (Problem(path, 1, "it is not valid JSON"),)
