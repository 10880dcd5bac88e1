"""Which commands a shell script runs, in which folder and with which environment, as far as its text says."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from posixpath import isabs, join, normpath
from typing import NamedTuple

UNKNOWN = "\x00"
"""Stands in a word for what only the run knows."""

HERE = "\x01"
"""Stands in a word for the folder of the script itself."""

LONG = 10_000
"""How long a value may be: variables that are made of others can double with every line."""

_HERE = re.compile(
    r"""\$\(\s*cd\s+(?:--\s+)?"?(?:\$\(\s*dirname[^()]*\)|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\})(?P<inner>[^"()]*)"?\s*"""
    r"""(?:>\s*/dev/null\s*(?:2>&1)?\s*)?(?:&&|;)\s*pwd(?:\s+-P)?\s*\)"""
    r"""|\$\(\s*dirname\s+(?:--\s+)?(?:"?\$0"?|"?\$\{?BASH_SOURCE[^()]*?|"?\$\(\s*(?:realpath|readlink\s+-f)\s+[^()]*\)"?)\s*\)"""
    r"""|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\}"""
)
_SUBSTITUTION = re.compile(r"\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|`[^`]*`")
_VARIABLE = re.compile(r"\$\{(\w+)(:?[-=]?)([^{}]*)\}|\$(\w+|[@*#?!$-])")
_HEREDOC = re.compile(r"<<-?\s*\\?([\"']?)(\w+)\1")
_FUNCTION = re.compile(r"^function\s+[\w-]+\s*(?:\(\)\s*)?\{")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_MOVES = re.compile(r"\b(?:cd|pushd|popd)\b")
_OPENERS = frozenset({"if", "for", "while", "until", "case", "select", "{", "do", "then", "else", "elif"})
_CLOSERS = frozenset({"fi", "done", "esac", "}"})
_BLOCKS = frozenset({"if", "for", "while", "until", "case", "select", "{"})
_TESTS = frozenset({"[", "[[", "test", "!", "command", "which", "type", "grep"})


class Command(NamedTuple):
    """A command and its words.

    `folder` is where it runs: absolute, or below the folder in which the script was started
    (`.`), or below the script's own folder (`HERE`); it holds `UNKNOWN` when nobody can tell.
    `certain` is False when it runs under a condition or may fail without harm.
    """

    words: tuple[str, ...]
    folder: str
    line: int
    certain: bool
    environment: tuple[tuple[str, str], ...]


def commands(text: str, environment: Mapping[str, str] | None = None, line: int = 1) -> Iterator[Command]:
    """The commands of a script in their order; nothing is said of one whose line cannot be read."""
    known = dict(environment or {})
    folder = before = "."
    outer: list[str] = []
    depth = 0
    for number, written in _logical(text, line):
        certain = True
        for words, separator, opening in _parts(written, known):
            depth = max(depth + opening, 0)
            own, words = _assigned(words, known, fixed=certain and not depth)
            if words:
                sure = certain and not depth and separator != "||"
                yield Command(tuple(words), folder, number, sure, tuple(sorted(own.items())))
                if words[0] in ("cd", "pushd"):
                    folder = _moved(folder, words) if not depth and certain else UNKNOWN
                elif words == [UNKNOWN] and _MOVES.search(written):
                    folder = UNKNOWN
            if separator == "||" or (words and words[0] in _TESTS):
                certain = separator not in ("&&", "||") and certain
            if separator == "(":
                outer.append(folder)
            elif separator == ")" and outer:
                folder = outer.pop()
            elif separator == "&":
                folder = before
            if separator in (";", "", "&"):
                certain, before = True, folder


def _assigned(words: list[str], known: dict[str, str], fixed: bool) -> tuple[dict[str, str], list[str]]:
    """The environment of a command and its words without assignments; those that stay are put into `known`."""
    own = dict(known)
    pairs = []
    while words and (match := _ASSIGNMENT.match(words[0])) is not None:
        pairs.append((match[1], match[2] if len(match[2]) < LONG else UNKNOWN))
        words = words[1:]
    own.update(pairs)
    if words and words[0] == "export":
        pairs = [(match[1], match[2]) for word in words[1:] if (match := _ASSIGNMENT.match(word))]
        words = []
    if not words:
        known.update({name: value if fixed else UNKNOWN for name, value in pairs})
    return own, words


def joined(folder: str, path: str) -> str:
    """A path as a script in a folder means it; `HERE` in front means the script's own folder."""
    if UNKNOWN in path or (UNKNOWN in folder and not isabs(path) and not path.startswith(HERE)):
        return UNKNOWN
    whole = path if path.startswith(HERE) else join(folder, path)
    below = whole.removeprefix(HERE)
    return normpath(whole) if below == whole else f"{HERE}/{normpath(below.lstrip('/') or '.')}"


def _moved(folder: str, words: list[str]) -> str:
    places = [word for word in words[1:] if not word.startswith("-") and word not in (">", "/dev/null")]
    if len(places) != 1 or places[0] == "~" or words[-1] == "-":
        return UNKNOWN
    return joined(folder, places[0])


def _logical(text: str, first: int) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, without comments, empty ones and here-documents."""
    start, parts, until = first, list[str](), 0
    lines = text.splitlines()
    ends = document_ends(lines)
    for number, physical in enumerate(lines, start=first):
        if number <= until:
            continue
        start = start if parts else number
        line = physical.strip() if not parts else physical.rstrip()
        if not parts and line.startswith("#"):
            continue
        document = _HEREDOC.search(line)
        end = document_end(ends, document[2], number - first + 1) if document and "<<<" not in line else 0
        if document is not None and end:
            until, line = end + first - 1, line[: document.start()]
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        whole = " ".join([*parts, line]).strip()
        parts = []
        if whole:
            yield start, _FUNCTION.sub("{", whole)
    if parts:
        yield start, " ".join(parts).strip()


def document_ends(lines: list[str]) -> dict[str, list[int]]:
    """Where here-documents may end: each word that has a line for itself, with the numbers of those lines."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(lines, start=1):
        word = line.strip()
        if word.isidentifier() or word.isalnum():
            found.setdefault(word, []).append(number)
    return found


def document_end(ends: dict[str, list[int]], word: str, line: int) -> int:
    """The first line below `line` with which a here-document ends, 0 when there is none."""
    numbers = ends.get(word, ())
    index = bisect_left(numbers, line + 1)
    return numbers[index] if index < len(numbers) else 0


def _parts(line: str, known: Mapping[str, str]) -> Iterator[tuple[list[str], str, int]]:
    """The simple commands of a line, each with what ends it and how many blocks it opens or closes before."""
    words: list[str] = []
    opening = 0
    for word in _words(line, known):
        if word and not word.strip("();|&"):
            if word == "()":
                words, opening = [], opening
                continue
            yield words, ";" if word in ("|", "|&", ";;") else word[0] if word[0] in "()" else word, opening
            words, opening = [], 0
        elif not words and word in _CLOSERS:
            opening -= 1
        elif not words and word in _OPENERS:
            opening += word in _BLOCKS
            if word in ("for", "case", "select"):
                words = [word]
        else:
            words.append(word)
    yield words, "", opening


def _words(line: str, known: Mapping[str, str]) -> list[str]:
    plain = _HERE.sub(lambda match: HERE + (match["inner"] or ""), line)
    plain = _SUBSTITUTION.sub(UNKNOWN, plain)
    if "$(" in plain or "`" in plain:
        # It goes on in the next line, or deeper than is followed.
        return [UNKNOWN]
    plain = _VARIABLE.sub(lambda match: _value(match, known), plain)
    lexer = shlex.shlex(plain, posix=True, punctuation_chars="();|&")
    lexer.whitespace_split = True
    try:
        return [_glob(word) for word in lexer]
    except ValueError:
        return [UNKNOWN]


def _glob(word: str) -> str:
    magic = any(sign in word for sign in "*?{~") and not word.startswith("-")
    return UNKNOWN if magic and word != "{" else word


def _value(match: re.Match[str], known: Mapping[str, str]) -> str:
    """What a variable holds: known only when the script or its image sets it, never by a default alone."""
    name = match[1] or match[4]
    value = known.get(name, UNKNOWN)
    if match[2] or not re.fullmatch(r"[\w./@:=+,\x01-]*", value):
        return value if name in known and re.fullmatch(r"[\w./@:=+,\x01-]+", value) else UNKNOWN
    return value if not match[3] else UNKNOWN
