"""The commands that files of the repository say are run, and which of its folders those run in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from posixpath import isabs, join, normpath
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.images import Run, holds_code, places, stages
from cdlint.project.places import is_aside
from cdlint.project.shell import HERE, UNKNOWN, Command, commands, joined
from cdlint.rule import Location

from ._compose import PATTERNS, composed, is_compose

_PATTERNS = (
    "**/*.sh", "**/Procfile", "**/Makefile", "**/Dockerfile", "**/*.Dockerfile", "**/Dockerfile.prod",
    "**/Dockerfile.dev", *PATTERNS,
)  # fmt: skip
_MANIFESTS = ("pyproject.toml", "requirements.txt", "manage.py", "setup.py", "setup.cfg", "Pipfile")
_MOST = 500
"""How many commands of a file are looked at."""
_PROCESS = re.compile(r"\s*[\w-]+:\s*(.*)")
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/bash", "ash", "dash"})
_TEMPLATE = re.compile(
    r"(?:^|/)(?:[\w-]*[_-])?templates?/|cookiecutter|skeleton|boilerplate/|scaffold|\{\{|node_modules/"
)
_WORDS = re.compile(r"python|uvicorn|gunicorn|hypercorn|flask|celery|daphne|fastapi|granian|waitress|alembic|\bcd\b")


class Origin(NamedTuple):
    """Where a command is written: its file, and which stage of an image it is (-1 for none)."""

    path: str
    stage: int


class Said(NamedTuple):
    """A command with what is known of its run; `folder` is as in `Command`."""

    command: Command
    origin: Origin
    at: Location


def sources(project: Project) -> tuple[str, ...]:
    """The files that may say how something is started."""
    found = dict.fromkeys(path for pattern in _PATTERNS for path in project.files(pattern))
    return tuple(path for path in found if not is_aside(path) and not _TEMPLATE.search(path))


def said(project: Project, path: str) -> tuple[Said, ...]:
    """The commands of one file."""
    text = project.text(path) or ""
    if not _WORDS.search(text):
        return ()
    lines = text.splitlines()
    found = []
    every = _composed(project, path) if is_compose(path) else _commands_of(project, path, text)
    for command, origin in islice(every, _MOST):
        at: At = (command.line, 0, command.line, len(lines[command.line - 1].encode()))
        found.append(Said(command, origin, Location(path, at)))
    return tuple(found)


def _composed(project: Project, path: str) -> Iterator[tuple[Command, Origin]]:
    for command, holder, stage in composed(project, path):
        for each in _nested(iter([command])):
            yield each._replace(folder=joined(command.folder, each.folder)), Origin(holder, stage)


def _commands_of(project: Project, path: str, text: str) -> Iterator[tuple[Command, Origin]]:
    for command, stage in _commands(project, path, text):
        yield command, Origin(path, stage)


def _commands(project: Project, path: str, text: str) -> Iterator[tuple[Command, int]]:
    name = path.rpartition("/")[2]
    if "Dockerfile" in name:
        for index, stage in enumerate(project[stages, path]):
            for run in stage.runs:
                settled = not run.after_script or not _moves(project, run.after_script)
                for command in _run(run):
                    yield command._replace(certain=command.certain and settled), index
        return
    if name.startswith("Procfile") and not name.endswith(".sh"):
        for number, line in enumerate(text.splitlines(), start=1):
            match = _PROCESS.fullmatch(line)
            if match is not None:
                yield from ((each, -1) for each in _nested(commands(match[1], line=number)))
    elif name == "Makefile":
        for number, (before, line) in enumerate(pairwise(("", *text.splitlines())), start=1):
            if line.startswith("\t") and not before.endswith("\\"):
                plain = re.sub(r"\$\([^)]*\)|\$\$?\w+|\$\{[^}]*\}|\$.", UNKNOWN, line.strip().lstrip("@-+"))
                yield from ((each, -1) for each in _nested(commands(plain.rstrip("\\"), line=number)))
    else:
        yield from ((each, -1) for each in _nested(commands(text)))


def _run(run: Run) -> Iterator[Command]:
    if run.words:
        whole = Command(run.words, run.folder, run.line, True, run.environment)
        yield from _nested(iter([whole]))
        return
    for command in _nested(commands(run.text, dict(run.environment), run.line)):
        yield command._replace(folder=joined(run.folder, command.folder), line=run.line)


def _nested(found: Iterator[Command]) -> Iterator[Command]:
    """Commands with those that a shell is given as a text."""
    for command in found:
        words = command.words
        if words[0] == "exec" and len(words) > 1:
            words = words[1:]
        if words[0] in _SHELLS and len(words) > 2 and words[1] in ("-c", "-lc", "-ec", "-xc"):
            for inner in commands(words[2], dict(command.environment), command.line):
                folder = joined(command.folder, inner.folder)
                yield inner._replace(folder=folder, line=command.line, certain=inner.certain and command.certain)
        else:
            yield command


def _moves(project: Project, script: str) -> bool:
    """Whether a script of this name changes the folder before it starts what it is given."""
    name = script.rpartition("/")[2]
    return any(re.search(r"^\s*cd\s", project.text(path) or "", re.MULTILINE) for path in project.files(f"**/{name}"))


def is_settled(project: Project, origin: Origin) -> bool:
    """Whether the file stands where its program has its root, so that no other folder is meant."""
    folder = origin.path.rpartition("/")[0]
    return not folder or any(project.exists(f"{folder}/{name}") for name in _MANIFESTS)


def candidates(project: Project, key: tuple[Origin, str]) -> tuple[str, ...] | None:
    """The paths of the repository that a place in a command may stand for; None when nobody can tell."""
    origin, place = key
    if UNKNOWN in place:
        return None
    folder = origin.path.rpartition("/")[0]
    if place.startswith(HERE):
        found = [normpath(join(folder or ".", place.removeprefix(HERE).lstrip("/") or "."))]
    elif isabs(place):
        return _in_images(project, origin, place)
    else:
        found = [normpath(join(start or ".", place)) for start in _upwards(folder)]
    inside = tuple(dict.fromkeys("" if each == "." else each for each in found if not each.startswith("..")))
    return inside or None


def _in_images(project: Project, origin: Origin, place: str) -> tuple[str, ...] | None:
    if origin.stage >= 0:
        stage = project[stages, origin.path][origin.stage]
        if not holds_code(project, origin.path, stage, place):
            return None
        return places(project, origin.path, stage, place) or None
    found: list[str] = []
    for path in project[sources]:
        for stage in project[stages, path] if "Dockerfile" in path.rpartition("/")[2] else ():
            found.extend(places(project, path, stage, place) or ())
    return tuple(dict.fromkeys(found)) or None


def _upwards(folder: str) -> list[str]:
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found
