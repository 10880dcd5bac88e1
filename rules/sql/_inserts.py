"""INSERT statements: how many columns they name, how many values they give, and which they leave out."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project

from ._schema import created, plain, split
from ._sites import Place, sites

_INSERT = re.compile(
    r"^\s*(?:INSERT|REPLACE)\s+(?:OR\s+\w+\s+)?(?:IGNORE\s+)?INTO\s+([\w.\"`]+)\s*\(([^()]*)\)\s*(?:OVERRIDING\s+\w+\s+VALUE\s+)?"
    r"(VALUES|SELECT)\b",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class Shape(NamedTuple):
    """A fault of an INSERT. `kind`: `count` or `needed`."""

    kind: str
    table: str
    columns: int
    values: int
    name: str
    at: At
    declared: tuple[str, int] | None


def shapes(project: Project, place: Place) -> tuple[Shape, ...]:
    """The faults of the INSERT statements in a function."""
    found = []
    for site in project[sites, place]:
        text = _QUOTES.sub(" ", site.text)
        match = _INSERT.match(text)
        if match is None or "{" in text or "%s" in match[2]:
            continue
        columns = [plain(each.strip()) for each in match[2].split(",") if each.strip()]
        if match[3].upper() == "VALUES":
            counted = _rows(text[match.end() :])
            wrong = next((each for each in counted if each != len(columns)), None)
            if wrong is not None:
                found.append(Shape("count", match[1], len(columns), wrong, "", site.at, None))
                continue
        needed = _needed(project, match[1], columns)
        if needed is not None and not re.search(r"(?i)\bON\s+(CONFLICT|DUPLICATE)\b|\bOR\s+IGNORE\b", text):
            found.append(Shape("needed", match[1], 0, 0, needed[0], site.at, needed[1]))
    return tuple(found)


def _rows(text: str) -> list[int]:
    """How many values each row after VALUES has; nothing when that is not written out."""
    found, rest = [], text.lstrip()
    while rest.startswith("("):
        end = _closing(rest)
        if end < 0:
            return []
        found.append(len([each for each in split(rest[1:end]) if each]))
        rest = rest[end + 1 :].lstrip()
        if not rest.startswith(","):
            break
        rest = rest[1:].lstrip()
    return found


def _closing(text: str) -> int:
    depth, quoted = 0, False
    for at, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "()":
            depth += 1 if sign == "(" else -1
            if depth == 0:
                return at
    return -1


def _needed(project: Project, table: str, columns: list[str]) -> tuple[str, tuple[str, int]] | None:
    """A column that the statement leaves out and that has to be given, with the place of its table."""
    known = project[created].get(plain(table), ())
    if len(known) != 1 or known[0].columns is None or project[_has_triggers]:
        return None
    lacking = next((each.name for each in known[0].columns if each.needed and each.name not in columns), None)
    return (lacking, (known[0].path, known[0].line)) if lacking is not None else None


def _has_triggers(project: Project) -> bool:
    """Whether a trigger may fill columns."""
    for path in project.files("**/*.sql"):
        if re.search(r"(?i)\bCREATE\s+(OR\s+REPLACE\s+)?TRIGGER\b", project.text(path) or ""):
            return True
    modules = [project.module(path) for path in project.paths]
    return any(
        function.mentions("TRIGGER") or function.mentions("trigger ")
        for module in modules
        if module is not None
        for function in module.functions
    )
