"""What each kind of manifest says: requirement files, `setup.cfg`, Conda environments, Python's own version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import join, normpath

from .stated import (
    CONSTRAINT,
    DECLARED,
    EXTRA,
    LOCK,
    PROGRAM,
    PYTHON,
    SIDE,
    Include,
    Manifest,
    Problem,
    Stated,
    is_side,
    requirement,
    stated,
)  # fmt: skip

_OPTION = re.compile(r"(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)")
_TRAIL = re.compile(r"(?<!\s)\s+(?:#|--).*", re.DOTALL)
_CONDA = re.compile(r"""\s*-\s*["']?(?:[\w.-]+::)?([A-Za-z0-9][\w.-]*)\s*([^"'#]*)""")


def requirement_rank(path: str) -> int:
    """What a requirement file is for, by its name."""
    return SIDE if is_side(re.sub(r"requirements?", "", path.rpartition("/")[2].rpartition(".")[0])) else PROGRAM


def requirements(path: str, text: str, constrains: bool = False) -> Manifest:
    """A requirement file of pip."""
    kind, rank = CONSTRAINT if constrains else DECLARED, requirement_rank(path)
    found: list[Stated] = []
    problems: list[Problem] = []
    includes: list[Include] = []
    for line, written in _logical(text):
        option = _OPTION.match(written)
        if option is not None:
            target = normpath(join(path.rpartition("/")[0], option[1]))
            if not target.startswith("../") and "://" not in option[1]:
                includes.append(Include(target, written.startswith(("-c", "--c")), line))
        elif not written.startswith("-"):
            each = requirement(_TRAIL.sub("", written), kind, rank, path, line)
            if each is not None:
                found.append(each)
            elif "://" not in written and not written.startswith((".", "/")):
                problems.append(Problem(path, line, "it is not a requirement"))
    return Manifest(tuple(found), tuple(problems), tuple(includes))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, without comments and empty ones."""
    start, parts = 0, list[str]()
    for number, physical in enumerate(text.splitlines(), start=1):
        start = start if parts else number
        line = physical.strip()
        if line.startswith("#"):
            line = ""
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        whole = " ".join([*parts, line]).strip()
        parts = []
        if whole:
            yield start, whole
    if parts:
        yield start, " ".join(parts).strip()


def setup_cfg(path: str, text: str) -> Manifest:
    """`setup.cfg`: `install_requires`, `extras_require`, `python_requires`."""
    found: list[Stated | None] = []
    section = key = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.split(" #")[0].rstrip()
        if not line or line.lstrip().startswith(("#", ";")):
            continue
        if line.startswith("["):
            section, key = line.strip("[] "), ""
            continue
        value = line.strip()
        if not line[0].isspace():
            if not section or not ("=" in line or ":" in line):
                return Manifest((), (Problem(path, number, "it is no section, key or value"),))
            key, _, value = (part.strip() for part in line.partition("="))
        if section == "options" and key == "python_requires" and value:
            found.append(stated(PYTHON, value, DECLARED, PROGRAM, path, number))
        elif section == "options" and key == "install_requires" and value:
            found.append(requirement(value, DECLARED, PROGRAM, path, number))
        elif section == "options.extras_require" and value:
            found.append(requirement(value, DECLARED, SIDE if is_side(key) else EXTRA, path, number))
    return Manifest(tuple(each for each in found if each is not None))


def conda(path: str, text: str) -> Manifest:
    """`environment.yml`: the items of its lists, those for pip included."""
    found = []
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line and not line[0].isspace() and not line.startswith(("-", "#")):
            inside = line.startswith("dependencies:")
        match = _CONDA.match(line)
        if not inside or match is None or line.rstrip().endswith(":"):
            continue
        wanted = match[2].strip()
        plain = re.fullmatch(r"=?\s*(\d[\w.]*)(?:=\w+)?(?:\.\*)?", wanted)
        specifier = f"=={plain[1]}.*" if plain else wanted.replace(" ", "")
        found.append(stated(match[1], specifier, DECLARED, PROGRAM, path, number))
    return Manifest(tuple(found))


def python_version(path: str, text: str) -> Manifest:
    """`.python-version` and `runtime.txt`: the first line that is no comment."""
    for number, line in enumerate(text.splitlines(), start=1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        match = re.fullmatch(r"(?:c?python[-@ ]?)?v?(\d+(?:\.\d+){0,2})", written)
        if match is None and path.endswith(".txt") and not written.startswith("python"):
            # Not what Heroku means by this name.
            return Manifest(())
        if match is None:
            why = f"`{written[:60]}` is not a version of Python"
            return Manifest((), (Problem(path, number, why),))
        specifier = f"=={match[1]}" + ("" if match[1].count(".") == 2 else ".*")
        return Manifest((stated(PYTHON, specifier, LOCK, PROGRAM, path, number),))
    return Manifest(())
