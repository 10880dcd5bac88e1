"""What a Dockerfile says: which files of the repository lie where in its image, and what is run there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from posixpath import basename, isabs, join, normpath
from typing import NamedTuple

from . import Project
from .shell import LONG, UNKNOWN, document_end, document_ends

_MADE = re.compile(
    r"\b(?:git clone|mv|cp|ln|unzip|tar|startproject|startapp|cookiecutter|rsync|svn|hg clone|aws s3|gsutil|make)\b"
)
_PLAIN = re.compile(
    r"(?:docker\.io/)?(?:library/)?(?:\$\{?\w+\}?/)?(?:python|pypy|debian|ubuntu|alpine|node|fedora|centos|rockylinux|"
    r"amazonlinux|buildpack-deps|ghcr\.io/astral-sh/uv|mcr\.microsoft\.com/devcontainers/python)(?::[\w.${}-]*)?(?:@\S+)?"
)
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_PYTHON = re.compile(r"\.py$")
_FLAGS = re.compile(r"(?:--\w+(?:=\S*)?\s+)*")
_HEREDOC = re.compile(r"<<-?([\"']?)(\w+)\1")


class Copy(NamedTuple):
    """Something that is put into the image: `source` is relative to the build context, or absolute in `stage`."""

    source: str
    target: str
    stage: str


class Run(NamedTuple):
    """What a container runs. `words` when it is a list, else `text` is for a shell."""

    words: tuple[str, ...]
    text: str
    folder: str
    line: int
    environment: tuple[tuple[str, str], ...]
    after_script: str
    """The script that is run before and starts this, `""` for none."""


class Stage(NamedTuple):
    """One `FROM` and what follows.

    `opaque` says whether more files may be there than it copies, `is_foreign` whether its base is
    neither a plain image nor another stage.
    """

    name: str
    base: str
    copies: tuple[Copy, ...]
    runs: tuple[Run, ...]
    opaque: bool
    is_foreign: bool
    folder: str
    """The one in which its commands run."""
    has_entry: bool
    doubt: int
    """The first line that makes it opaque, 0 for none."""


class _Building:
    """A stage while it is read."""

    def __init__(self, name: str, base: str, before: _Building | None, line: int) -> None:
        self.name = name
        self.base = base
        self.folder: str = before.folder if before else "/"
        self.environment: dict[str, str] = dict(before.environment) if before else {}
        self.foreign: bool = before.foreign if before else _PLAIN.fullmatch(base) is None
        self.doubt: int = before.doubt if before else line * self.foreign
        self.copies: list[Copy] = list(before.copies) if before else []
        self.entry: Run | None = before.entry if before else None
        self.command: Run | None = None

    def done(self) -> Stage:
        runs, copies, has_entry = tuple(self._runs()), tuple(self.copies), self.entry is not None
        opaque = self.doubt > 0
        return Stage(self.name, self.base, copies, runs, opaque, self.foreign, self.folder, has_entry, self.doubt)

    def _runs(self) -> Iterator[Run]:
        entry, command = self.entry, self.command
        if entry is not None and command is not None and entry.words and command.words:
            if entry.words[0].endswith((".sh", ".bash")) or "/" in entry.words[0]:
                yield entry
                yield command._replace(after_script=entry.words[0], folder=self.folder)
            else:
                yield command._replace(words=entry.words + command.words, folder=self.folder)
            return
        if entry is not None:
            yield entry._replace(folder=self.folder)
        elif command is not None:
            yield command._replace(folder=self.folder)


def stages(project: Project, path: str) -> tuple[Stage, ...]:
    """The stages of a Dockerfile, in its order."""
    building: dict[str, _Building] = {}
    now: _Building | None = None
    for line, word, rest in _instructions(project.text(path) or ""):
        if word == "FROM":
            match = re.match(r"(?:--\S+\s+)*(\S+)(?:\s+[Aa][Ss]\s+(\S+))?", rest)
            base, name = (match[1], match[2] or "") if match else ("", "")
            now = _Building(name, base, building.get(base.lower()), line)
            building[name.lower() or f" {line}"] = now
            building[f"{len(building)} "] = now
        elif now is not None:
            _apply(now, line, word, rest)
    return tuple(each.done() for each in dict.fromkeys(building.values()))


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Each instruction with its line; what stands in here-documents is none."""
    start, parts = 0, list[str]()
    lines = text.splitlines()
    ends, until = document_ends(lines), 0
    for number, physical in enumerate(lines, start=1):
        line = physical.strip()
        if number <= until or line.startswith("#") or (not line and not parts):
            continue
        start = start if parts else number
        parts.append(line.removesuffix("\\"))
        if line.endswith("\\"):
            continue
        word, _, rest = " ".join(parts).strip().partition(" ")
        parts = []
        if word.upper() in ("RUN", "COPY", "ADD"):
            for document in _HEREDOC.finditer(rest):
                until = document_end(ends, document[2], max(until, number)) or until
        yield start, word.upper(), rest.strip()


def _apply(now: _Building, line: int, word: str, rest: str) -> None:
    if word == "WORKDIR":
        now.folder = _inside(now, rest.strip("\"'"))
    elif word in ("ENV", "ARG"):
        _set(now, rest, word)
    elif word == "RUN":
        now.doubt = now.doubt or line * (_MADE.search(rest) is not None or "<<" in rest)
    elif word in ("COPY", "ADD"):
        _copy(now, rest, line)
    elif word in ("CMD", "ENTRYPOINT"):
        listed = _listed(rest)
        environment = tuple(sorted(now.environment.items()))
        run = Run(listed or (), "" if listed else rest, now.folder, line, environment, "")
        if word == "CMD":
            now.command = run
        else:
            now.entry, now.command = run, None


def _set(now: _Building, rest: str, word: str) -> None:
    try:
        pairs = [each.partition("=") for each in shlex.split(rest)] if "=" in rest else [rest.partition(" ")]
    except ValueError:
        return
    for name, sign, value in pairs:
        # An argument is what the build says; only a variable is what the file says.
        known = word == "ENV" and bool(sign)
        held = _expanded(now, value.strip()) if known else UNKNOWN
        now.environment[name] = held if len(held) < LONG else UNKNOWN


def _expanded(now: _Building, text: str) -> str:
    return _VARIABLE.sub(lambda match: now.environment.get(match[1], UNKNOWN), text)


def _inside(now: _Building, path: str) -> str:
    plain = _expanded(now, path)
    if UNKNOWN in plain or (UNKNOWN in now.folder and not isabs(plain)):
        return UNKNOWN
    return normpath(join(now.folder, plain))


def _copy(now: _Building, rest: str, line: int) -> None:
    written = _FLAGS.match(rest)
    flags = re.findall(r"--(\w+)(?:=(\S+))?\s+", written[0] if written else "")
    plain = rest[written.end() :] if written else rest
    places = _listed(plain) or tuple(plain.split())
    if len(places) < 2 or "<<" in rest:
        now.doubt = now.doubt or line
        return
    *sources, target = places
    stage = dict(flags).get("from", "")
    ends = target.endswith("/") or target == "."
    for source in sources:
        if any(sign in source + target for sign in "*?[") or "://" in source:
            now.doubt = now.doubt or line
            continue
        where = _inside(now, target.strip("\"'"))
        origin = _expanded(now, source.strip("\"'"))
        now.doubt = now.doubt or line * (UNKNOWN in where or UNKNOWN in origin)
        now.copies.append(Copy(normpath(origin) if stage else normpath(origin.lstrip("/")), where + "/" * ends, stage))


def _listed(text: str) -> tuple[str, ...] | None:
    """The words of a JSON list, which a comment may follow."""
    if not text.startswith("["):
        return None
    import json

    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    good = isinstance(found, list) and all(isinstance(each, str) for each in found)
    return tuple(found) if good else None


def contexts(project: Project, path: str) -> tuple[str, ...]:
    """The folders, from that of a Dockerfile upwards, that have everything which it copies."""
    wanted = {copy.source for stage in project[stages, path] for copy in stage.copies if not copy.stage}
    folder = path.rpartition("/")[0]
    found = []
    while True:
        if all(_exists(project, folder, source) for source in wanted):
            found.append(folder)
        if not folder:
            return tuple(found)
        folder = folder.rpartition("/")[0]


def _exists(project: Project, context: str, source: str) -> bool:
    if UNKNOWN in source or source.startswith("../"):
        return False
    place = "" if source == "." else source
    return project.exists("/".join(filter(None, (context, place))))


def places(project: Project, path: str, stage: Stage, inside: str) -> tuple[str, ...] | None:
    """The places of the repository that an absolute path of the image may stand for; None when nobody can tell."""
    if stage.opaque or UNKNOWN in inside:
        return None
    around = project[contexts, path]
    found: dict[str, None] = {}
    for source in _origins(project[stages, path], stage, normpath(inside), 0):
        if source is None:
            return None
        for context in around:
            found["/".join(part for part in (context, source) if part not in ("", "."))] = None
    return tuple(found) if around else None


def _origins(every: tuple[Stage, ...], stage: Stage, inside: str, depth: int) -> Iterator[str | None]:
    """What is copied to a path, relative to the context; None for something that cannot be followed."""
    for copy in stage.copies:
        for source in _of_copy(copy, inside):
            if not copy.stage:
                yield source
                continue
            other = next((each for each in every if each.name.lower() == copy.stage.lower()), None)
            if other is None or other.opaque or depth > 4:
                yield None
            else:
                yield from _origins(every, other, source, depth + 1)


def _of_copy(copy: Copy, inside: str) -> Iterator[str]:
    """Where something in the target of a copy comes from: a folder is copied as its content, a file as itself."""
    target = normpath(copy.target)
    if inside == target:
        if not copy.target.endswith("/") or "." not in basename(copy.source) or copy.source == ".":
            yield copy.source
    elif inside.startswith(target.rstrip("/") + "/"):
        rest = inside[len(target.rstrip("/")) + 1 :]
        yield normpath(join(copy.source, rest))
        if rest == basename(copy.source):
            yield copy.source
    elif f"/{copy.source}".endswith(f"/{target[len(inside.rstrip('/')) + 1 :]}") and target.startswith(inside):
        # The folder holds what is copied under the same name: it stands for the folder around that.
        yield normpath(f"/{copy.source}"[: -len(target) + len(inside.rstrip("/"))].lstrip("/") or ".")


def holds_code(project: Project, path: str, stage: Stage, inside: str) -> bool:
    """Whether the Dockerfile copies Python files into a folder of the image, or below it."""
    top = inside.rstrip("/") + "/"
    for copy in stage.copies:
        target = normpath(copy.target)
        if not (target + "/").startswith(top) and not inside.startswith(target.rstrip("/") + "/") and target != inside:
            continue
        if copy.stage or _PYTHON.search(copy.source):
            return True
        for context in project[contexts, path]:
            folder = "/".join(part for part in (context, copy.source) if part not in ("", "."))
            if any(each.startswith(folder + "/" if folder else "") for each in project.paths):
                return True
    return False
