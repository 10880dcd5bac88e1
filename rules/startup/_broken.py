"""Commands of scripts that cannot work: paths that are not there, modules that cannot be run, imports that fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import isabs
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.modules import known_folders
from cdlint.project.shell import HERE, UNKNOWN, joined
from cdlint.rule import Evidence, Location

from ._loading import Failure, failure
from ._origins import Said, candidates, is_settled, said, sources
from ._programs import Target, target
from ._starts import Launch, is_elsewhere, is_somewhere, launches, located

_SERVERS = ("/home", "/srv", "/opt", "/var", "/usr", "/etc", "/tmp", "/mnt", "/data", "/Users", "/run", "/dev", "/proc")
_CREATES = re.compile(
    r"(?:^|[\s;&|])(?:git clone|mkdir|cp|mv|ln|tar|unzip|curl|wget|touch|rsync|docker|virtualenv|venv)\b"
)
_GENERATES = re.compile(
    r"\b(?:git clone|cookiecutter|copier|startproject|tar\s+-?\w*x\w*|unzip|create|generate|init)\b"
)

_VARIABLE = re.compile(r"\$\{?\w+")
_SAMPLES = (".default", ".dist", ".example", ".sample", ".template")
"""What stands after the name of a file that everybody copies and fills."""


class Broken(NamedTuple):
    """A command that fails, why, and what to do instead."""

    at: Location
    message: str
    cure: str
    related: tuple[Evidence, ...]


def broken(project: Project) -> tuple[Broken, ...]:
    """Every command that surely fails."""
    found: list[Broken] = []
    for path in project[sources]:
        for each in project[said, path]:
            if each.command.certain:
                found.extend(_paths(project, each))
    for launch in project[launches]:
        if launch.said.command.certain:
            found.extend(_runs(project, launch))
    return tuple({each.at: each for each in reversed(found)}.values())[::-1]


def _paths(project: Project, each: Said) -> Iterator[Broken]:
    """Folders and files that a command names and that are not there."""
    words = each.command.words
    if words[0] == "cd":
        if len(words) == 2 and words[1] != "-":
            yield from _absent(project, each, words[1], "cd", f"cd {_shown(words[1])}")
        return
    wanted = target(words, each.command.environment)
    if wanted is not None and wanted.kind in ("data", "file", "path"):
        yield from _absent(project, each, wanted.text, wanted.program, _shown(f"{wanted.program} {wanted.text}"))


def _shown(text: str) -> str:
    return text.replace(HERE, "$(dirname $0)")


def _absent(project: Project, each: Said, written: str, program: str, shown: str) -> Iterator[Broken]:
    place = joined(each.command.folder, written)
    if UNKNOWN in place or not each.command.certain:
        return
    if isabs(place) and each.origin.stage < 0:
        if isabs(written):
            yield from _outside(project, each, place, program)
        return
    places = project[candidates, (each.origin, place)]
    if places is None or any(not each_ or project.exists(each_) for each_ in places):
        return
    name = written.rstrip("/").rpartition("/")[2]
    if any(project.ignored(path) or project.ignored(path + "/") for path in places) or _made(project, each, name):
        return
    if any(project.exists(path + sign) for path in places for sign in _SAMPLES):
        return
    modules = re.findall(r"^\s*path\s*=\s*(\S+)", project.text(".gitmodules") or "", re.MULTILINE)
    if any(f"{path}/".startswith(f"{inner}/") for path in places for inner in modules):
        return
    settled = is_settled(project, each.origin) and not _is_in_image(project, each.origin.path)
    if not place.startswith(HERE) and not settled and _is_there(project, written):
        return
    if (program != "cd" and _is_moved(project, name)) or all(_is_filled(project, each, path) for path in places):
        return
    kind = "folder" if program == "cd" else "file"
    similar = _only(project, name) if program != "cd" else ""
    cure = f"`{similar}` is there." if similar else ""
    yield Broken(each.at, f"`{shown}` names a {kind} that is not there.", cure, ())


def _outside(project: Project, each: Said, place: str, program: str) -> Iterator[Broken]:
    """An absolute path that stands for the repository itself, wherever somebody once had it."""
    if place.startswith(_SERVERS) or project.files("**/Dockerfile*") or project.files("**/*ompose*.y*ml"):
        return
    if project[candidates, (each.origin, place)] is not None or place == "/" or _is_named(project, each, place):
        return
    if program == "cd":
        follows = [other for other in project[said, each.origin.path] if other.command.line >= each.command.line]
        meant = [
            wanted.text
            for other in follows
            if other.command.folder.startswith(place)
            and (wanted := target(other.command.words, other.command.environment)) is not None
            and wanted.kind in ("file", "data")
        ]
        good = [text for text in meant if not isabs(text) and project.exists(text)]
        if good:
            message = f"`cd {place}` goes to a folder that only one machine has, and `{good[0]}` is here."
            yield Broken(each.at, message, 'Go to the folder of the script: `cd "$(dirname "$0")"`.', ())
        return
    inner = place.lstrip("/")
    while inner and not (inner.endswith((".py", ".txt", ".sh")) and project.exists(inner)):
        inner = inner.partition("/")[2]
    if inner:
        message = f"`{program} {place}` names a file outside the repository, and `{inner}` is here."
        yield Broken(each.at, message, f"Name it as `{inner}`.", ())


def _is_named(project: Project, each: Said, place: str) -> bool:
    """Whether another file, or an earlier line, has the same folder: then something makes it."""
    top = "/" + place.split("/")[1]
    if top.endswith((".py", ".sh", ".txt")):
        return False
    for path in project[sources]:
        text = project.text(path) or ""
        if path != each.origin.path and f"{top}/" in text:
            return True
    return any(project.exists(name) for name in (".devcontainer", ".gitpod.yml", "Procfile", "Vagrantfile", "app.json"))


def _made(project: Project, each: Said, name: str) -> bool:
    """Whether an earlier command of the file, or a build, may make it."""
    text = project.text(each.origin.path) or ""
    before = text.splitlines()[: each.command.line]
    if any(_GENERATES.search(line) for line in before):
        return True
    names = (name, *_VARIABLE.findall(before[-1] if before else ""))
    return any(_CREATES.search(line) and any(each in line for each in names) for line in before)


def _is_filled(project: Project, each: Said, path: str) -> bool:
    """Whether another script in the same folder makes, or fills, the first folder of a path that is not there."""
    parts = path.rstrip("/").split("/")[: None if path.endswith("/") or each.command.words[0] == "cd" else -1]
    missing = next((part for n, part in enumerate(parts) if not project.exists("/".join(parts[: n + 1]))), "")
    home = each.origin.path.rpartition("/")[0]
    named = re.compile(rf"(?<![\w-]){re.escape(missing)}(?![\w-])")
    beside = [other for other in project[sources] if other != each.origin.path and other.rpartition("/")[0] == home]
    for text in (project.text(other) or "" for other in (beside if missing else ())):
        if any(_CREATES.search(line) and named.search(line) for line in text.splitlines()):
            return True
        if _GENERATES.search(text) and named.search(text):
            return True
    return False


def _is_in_image(project: Project, script: str) -> bool:
    """Whether an image has the script, which then runs in a folder of the image."""
    name = script.rpartition("/")[2]
    return any(name in (project.text(path) or "") for path in project.files("**/*Dockerfile*") if path != script)


def _is_moved(project: Project, name: str) -> bool:
    """Whether a script moves or copies all of a folder that has a file of this name, before or after this command."""
    folders = {path.rpartition("/")[0] for path in project.files(f"**/{name}")} - {""}
    if not folders:
        return False
    inside = "|".join(map(re.escape, sorted(folders)))
    moves = re.compile(rf"\b(?:mv|cp|rsync|ln)\b[^\n]*\s(?:\./)?(?:{inside})/(?:\*|\.|\s|$)", re.MULTILINE)
    return any(moves.search(project.text(path) or "") for path in project[sources])


def _is_there(project: Project, written: str) -> bool:
    """Whether any folder of the repository has something at this relative path."""
    place = "/" + written.removeprefix("./").strip("/")
    folders = (f"/{each}".endswith(place) for each in project[known_folders])
    return bool(project.files(f"**{place}")) or any(folders)


def _only(project: Project, name: str) -> str:
    found = project.files(f"**/{name}") if not any(sign in name for sign in "*?[") else ()
    return found[0] if len(found) == 1 else ""


def _runs(project: Project, launch: Launch) -> Iterator[Broken]:
    """Programs that Python finds and cannot run, or cannot load from where it runs them."""
    wanted = launch.target
    if wanted.kind == "module":
        problem = _module(project, launch)
        if problem is not None:
            yield problem
            return
    if not launch.complete or not launch.found or wanted.kind == "path":
        return
    results = [_load(project, launch, path, folder) for path, folder in launch.found]
    if all(results):
        yield _failed(launch, launch.found[0][1], results[0])  # type: ignore[arg-type]


def _module(project: Project, launch: Launch) -> Broken | None:
    """`python -m` with a module that is not there, or a package that has nothing to run."""
    module = launch.target.text
    top = module.partition(".")[0]
    if launch.found:
        runnable = [path for path, _ in launch.found if not path.endswith(("/", "__init__.py"))]
        inner = [f"{path.removesuffix('__init__.py')}__main__.py" for path, _ in launch.found]
        if runnable or any(project.exists(path) for path in inner):
            return None
        if all(path.endswith("/") for path, _ in launch.found):
            # An installed package of this name wins over a folder without `__init__.py`.
            return None
        message = f"`python -m {module}` needs `{inner[0]}`, and the package has none."
        return Broken(launch.said.at, message, "Name the module of the package that starts the program.", ())
    near = [path for folder in launch.folders for path, _ in located(project, folder, top)]
    if (not near and not is_somewhere(project, module)) or is_elsewhere(project, launch, module):
        return None
    message = f"`python -m {module}` finds no such module from the folder that it runs in."
    return Broken(launch.said.at, message, "", ())


def _load(project: Project, launch: Launch, path: str, folder: str) -> Failure | None:
    alone = launch.target.kind == "file"
    if path.endswith("/"):
        return None
    if launch.target.kind == "module" and path.endswith("__init__.py"):
        path = path.removesuffix("__init__.py") + "__main__.py"
    return project[failure, (path, folder, launch.more, alone)]


def _failed(launch: Launch, folder: str, result: Failure) -> Broken:
    wanted: Target = launch.target
    said_ = f"{wanted.program} {'-m ' * (wanted.kind == 'module')}{_shown(wanted.text)}"
    where = f"`{folder}/`" if folder else "the root of the repository"
    if not result.top:
        message = (
            f"`{said_}` fails: the relative import of `{result.module}` in `{result.at.path}` leads out of the package."
        )
    else:
        message = f"`{said_}` puts {where} on Python's path, where `{result.at.path}` finds no `{result.top}`."
    related = (Evidence(result.at, f"the import of `{result.module}`"),)
    module = result.at.path.removesuffix(".py").replace("/", ".")
    cure = f"Run it from the folder above as a module: `python -m {module}`." if wanted.kind == "file" else ""
    return Broken(launch.said.at, message, cure if result.at.path == launch.found[0][0] else "", related)
