"""Start commands that were seen and could not be resolved, and why."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from posixpath import basename

from cdlint.backend.collected import provides
from cdlint.backend.notices import run_notices
from cdlint.backend.stack import UnknownPart, unknown_parts
from cdlint.diagnostic import Notice
from cdlint.project import Project
from cdlint.project.images import stages
from cdlint.project.shell import UNKNOWN, joined
from cdlint.rule import Location

from ._compose import compose_problem, is_compose
from ._origins import Said, candidates, said, sources
from ._programs import Target, target
from ._starts import launches

_SERVERS = frozenset(
    {"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve", "celery", "flask", "fastapi"}
)
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_START = re.compile(r"(?<![\w./-])(?:\S*/)?(?:uvicorn|gunicorn|hypercorn|daphne|granian|celery|flask\s+run|python3?)\s")
_INLINE = re.compile(r"\bpython[\d.]*\s+(?:-\w\s+)*-c\b")
_MAGIC = re.compile(r"\$\([^()]*\)?|`[^`]*`?|\$\{(\w+)[^}]*\}|\$(\w+)")


@provides(unknown_parts)
def unknown_starts(project: Project) -> tuple[UnknownPart, ...]:
    """Each command that starts something of which nobody can tell what it is, once a line."""
    known = {(each.said.at, each.target): bool(each.found) for each in project[launches]}
    found: dict[object, UnknownPart] = {}
    for path in project[sources]:
        problem = project[compose_problem, path] if is_compose(path) else None
        if problem is not None:
            at = Location(path, (problem[1], 0, problem[1], 0))
            found[path] = UnknownPart(at, "a compose file", problem[0])
        for each in project[said, path]:
            why = _why(project, each, known)
            if why:
                # What is not known of a folder holds for all commands of a file that run there.
                key = (path, why) if "fold" in why or "holds" in why else each.at
                found.setdefault(key, UnknownPart(each.at, "a start command", why))
    return tuple(found.values())


@provides(run_notices)
def unread_compose_files(project: Project) -> tuple[Notice, ...]:
    """A notice about each compose file that cannot be read."""
    problems = ((path, project[compose_problem, path]) for path in project[sources] if is_compose(path))
    return tuple(Notice(f"the file cannot be read: {each[0]}", path, each[1]) for path, each in problems if each)


def _why(project: Project, each: Said, known: dict[tuple[Location, Target], bool]) -> str:
    words = each.command.words
    if words == (UNKNOWN,):
        return _unread(project, each)
    wanted = target(words, each.command.environment)
    if wanted is None:
        return _unnamed(project, each)
    if wanted.kind == "data":
        return ""
    if UNKNOWN in wanted.text:
        return _magic(project, each)
    if (each.at, wanted) not in known:
        return _lost(project, each)
    if known[each.at, wanted] or wanted.kind not in ("object", "file"):
        return ""
    return f"`{wanted.text}` is in none of the folders that it may run in"


def _unread(project: Project, each: Said) -> str:
    """Why a line was not split into words, when it starts something."""
    written = _written(project, each)
    if not _START.search(_INLINE.sub("", written)):
        return ""
    try:
        shlex.split(written, comments=True)
    except ValueError:
        return "a quote is not closed on its line"
    return _magic(project, each)


def _unnamed(project: Project, each: Said) -> str:
    """Why a command of a known server names nothing that it starts."""
    words = each.command.words
    at = next(
        (i for i, word in enumerate(words) if basename(word) in _SERVERS or _PYTHON.fullmatch(basename(word))), -1
    )
    if at < 0 or (at > 0 and words[0] in ("echo", "pip", "pip3", "which", "pkill", "killall", "cd")):
        return ""
    program, rest = basename(words[at]), words[at + 1 :]
    if _PYTHON.fullmatch(program):
        first = next((word for word in rest if not word.startswith("-") or word in ("-c", "-m", "-")), "")
        plain = rest[rest.index("-m") + 1] if first == "-m" and rest[-1] != "-m" else first
        return _magic(project, each) if UNKNOWN in plain and plain != UNKNOWN + "@" else ""
    if program in ("flask", "celery", "fastapi"):
        if program == "flask" and "run" not in rest:
            return ""
        if any(UNKNOWN in word for word in rest):
            return _magic(project, each)
        return "nothing says which application it runs" if program == "flask" else ""
    literal = next((word for word in rest if "$" in word), "")
    if literal:
        return f"`{literal}` is not expanded in a list"
    pairs = zip(("", *rest), rest, strict=False)
    if any(UNKNOWN in word and not before.startswith("-") and not word.startswith("-") for before, word in pairs):
        return _magic(project, each)
    return "it names no `module:object`" if rest and not {"--version", "--help"} & set(rest) else ""


def _lost(project: Project, each: Said) -> str:
    """Why it is not known which folder of the repository a command runs in."""
    stage = project[stages, each.origin.path][each.origin.stage] if each.origin.stage >= 0 else None
    if UNKNOWN in each.command.folder:
        return "the folder that it runs in is only known when it runs"
    if stage is not None and stage.doubt:
        return f"line {stage.doubt} may put other files into its image"
    if project[candidates, (each.origin, joined(each.command.folder, "."))] is None:
        return f"nothing says what `{each.command.folder}` holds"
    return "the folder that it runs in is not known"


def _magic(project: Project, each: Said) -> str:
    """Which variables and substitutions decide what is started."""
    known = dict(each.command.environment)
    shown = dict.fromkeys(
        match[0] for match in _magics(_written(project, each)) if UNKNOWN in known.get(match[1] or match[2], UNKNOWN)
    )
    names = [f"`{name.strip('`')[:40]}`" for name in shown][:3]
    if not names:
        return "a part of it is only known when it runs"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} only known when it runs"


def _magics(text: str) -> Iterator[re.Match[str]]:
    """What a shell replaces, values of options left out when there is anything else."""
    found = list(_MAGIC.finditer(text))
    plain = []
    for match in found:
        before = text[: match.start()].split(" ")
        own = before[-1].lstrip("[\"',")
        last = before[-2].strip("[\"',") if len(before) > 1 else ""
        if not own.startswith("-") and not last.startswith("-"):
            plain.append(match)
    yield from plain or found


def _written(project: Project, each: Said) -> str:
    """The command as it is written, with the lines that continue it."""
    lines = (project.text(each.at.path) or "").splitlines()[each.at.at[0] - 1 :]
    parts = []
    for line in lines[:50]:
        parts.append(line.rstrip().removesuffix("\\"))
        if not line.rstrip().endswith("\\"):
            break
    return " ".join(parts)[:2_000]
