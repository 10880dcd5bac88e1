"""What a line of a manifest says: a distribution and the versions of it that may be installed."""

from __future__ import annotations

import re
from typing import NamedTuple

LOCK, DECLARED, CONSTRAINT = "lock", "declared", "constraint"
PROGRAM, EXTRA, SIDE, ASIDE = 0, 1, 2, 3
"""What a dependency is for: the program, an extra of it, its tests and tools, something beside the program."""

PYTHON = "python"
"""What stands for Python itself among the distributions."""

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_SPECIFIER = re.compile(r"(?:(?:===|==|~=|!=|<=|>=|<|>)\s*[^\s,;]+\s*(?:,\s*|$))*")
_SIDE = re.compile(
    r"(?:^|[-_.])(?:dev\w*|tests?|testing|docs?|lint\w*|format\w*|local|ci|ipython|debug|typing|types|mypy|build|tools?|"
    r"bench\w*|coverage|migrations|release|optional)(?:[-_.]|$)"
)


class Stated(NamedTuple):
    """One statement about a distribution.

    `specifier` is as in PEP 440, `""` for any version; `why` says why the versions are not
    known, else `""`. `marker` is the condition under which it holds.
    """

    name: str
    specifier: str
    why: str
    kind: str
    rank: int
    marker: str
    path: str
    line: int


class Problem(NamedTuple):
    """A place in a manifest that could not be read."""

    path: str
    line: int
    why: str


class Include(NamedTuple):
    """A line that names another requirement file; `constrains` says that it installs nothing."""

    path: str
    constrains: bool
    line: int


class Manifest(NamedTuple):
    """All that one file says. `includes` are other requirement files."""

    stated: tuple[Stated, ...]
    problems: tuple[Problem, ...] = ()
    includes: tuple[Include, ...] = ()


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_side(name: str) -> bool:
    """Whether a group or file of this name is for tests, documentation or tools."""
    return _SIDE.search(name.lower()) is not None


def line_at(text: str, offset: int) -> int:
    """The line of an offset."""
    return text.count("\n", 0, offset) + 1


def requirement(text: str, kind: str, rank: int, path: str, line: int) -> Stated | None:
    """A requirement as in PEP 508; None when it names no distribution."""
    match = _REQUIREMENT.match(text)
    if match is None:
        return None
    wanted, _, marker = match[2].partition(";")
    wanted = wanted.strip()
    if wanted.startswith("@"):
        return Stated(normal(match[1]), "", "it is taken from an address", kind, rank, marker.strip(), path, line)
    return stated(match[1], wanted.strip("() "), kind, rank, path, line, marker.strip())


def stated(name: str, specifier: str, kind: str, rank: int, path: str, line: int, marker: str = "") -> Stated:
    """A statement from a specifier of PEP 440, unknown when it is none."""
    good = _SPECIFIER.fullmatch(specifier) is not None
    why = "" if good else f"`{specifier[:60]}` is not a version specifier"
    plain = re.sub(r"\s+", "", specifier) if good else ""
    return Stated(normal(name), plain, why, kind, rank, marker, path, line)


def caret(written: str) -> str | None:
    """A version as Poetry and Pipenv write it (`^1.2`, `~1.2`, `1.2.*`, `*`) as a specifier; None for `||`."""
    parts = []
    for part in filter(None, (each.strip() for each in written.split(","))):
        if "|" in part or len(part) > 100:
            return None
        match = re.fullmatch(r"(\^|~(?!=)|)\s*v?(\d+(?:\.\d+)*)(\.\*)?(\w*)", part)
        if match is None:
            if part != "*":
                parts.append(part)
        elif not match[1]:
            parts.append(f"=={match[2]}{match[3] or ''}{match[4]}")
        else:
            parts.append(f">={match[2]}{match[4]},<{_above(match[1], [int(n) for n in match[2].split('.')])}")
    return ",".join(parts)


def _above(sign: str, numbers: list[int]) -> str:
    """The first version that `^` or `~` leaves out."""
    if sign == "^":
        index = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    else:
        index = min(1, len(numbers) - 1)
    return ".".join(map(str, [*numbers[:index], numbers[index] + 1]))
