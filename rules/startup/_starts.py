"""What the commands of the repository start: the files that are loaded first, or that there are none."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.starts import Start, starts
from cdlint.project import Project
from cdlint.project.manifests import declared, is_declared
from cdlint.project.modules import known_folders, known_paths
from cdlint.project.roots import index
from cdlint.project.shell import joined

from ._origins import Said, candidates, is_settled, said, sources
from ._programs import Target, target

_BUILDS = re.compile(
    r"pip3? install (?:-\S+ )*(?:-e |--editable )?[\"']?\.(?:\[|[\"'\s/]|$)|poetry install|uv sync"
    r"|setup\.py (?:develop|install)"
)


class Launch(NamedTuple):
    """A command that starts something. `folders` are those that may come first on Python's path."""

    said: Said
    target: Target
    folders: tuple[str, ...]
    more: tuple[str, ...]
    """Other folders on Python's path."""
    found: tuple[tuple[str, str], ...]
    """The file that is loaded first, each with the folder from which."""
    complete: bool
    """Whether nothing else than what is said here can be on Python's path."""


def launches(project: Project) -> tuple[Launch, ...]:
    """Every command that starts a Python program, where the folder it runs in is known."""
    found = []
    for path in project[sources]:
        for each in project[said, path]:
            wanted = target(each.command.words, each.command.environment)
            if wanted is not None and wanted.kind != "data":
                launch = _launch(project, each, wanted)
                if launch is not None:
                    found.append(launch)
    return tuple(found)


def _launch(project: Project, each: Said, wanted: Target) -> Launch | None:
    place = joined(each.command.folder, wanted.moved) if wanted.moved else each.command.folder
    here = project[candidates, (each.origin, place)]
    if here is None:
        return None
    more, complete = _more(project, each, wanted)
    if wanted.kind in ("file", "path"):
        files = project[candidates, (each.origin, joined(place, wanted.text))] or ()
        found = tuple((path, path.rpartition("/")[0]) for path in files if path in project[known_paths])
        return Launch(each, wanted, tuple(path.rpartition("/")[0] for path in files), more, found, complete)
    module = wanted.text.partition(":")[0]
    found = tuple(pair for folder in (*here, *more) for pair in located(project, folder, module))
    if not found and wanted.program == "celery" and ":" not in wanted.text:
        # `package.module.app`: the last name may be an attribute.
        above = module.rpartition(".")[0]
        found = tuple(pair for folder in (*here, *more) for pair in located(project, folder, above) if above)
    return Launch(each, wanted, here, more, found, complete)


def located(project: Project, folder: str, module: str) -> tuple[tuple[str, str], ...]:
    """The file that a module is when Python looks into a folder, with the folder; a package is its `__init__.py`."""
    place = "/".join(filter(None, (folder, *module.split("."))))
    for path in (f"{place}/__init__.py", f"{place}.py"):
        if path in project[known_paths]:
            return ((path, folder),)
    return ((place + "/", folder),) if place in project[known_folders] else ()


def _more(project: Project, each: Said, wanted: Target) -> tuple[tuple[str, ...], bool]:
    """The other folders on Python's path, and whether those are all."""
    environment = dict(each.command.environment)
    written = [*wanted.added, *(part for part in environment.get("PYTHONPATH", "").split(":") if part)]
    found: list[str] = []
    complete = not project[is_installable, each.origin.path]
    for part in written:
        places = project[candidates, (each.origin, joined(each.command.folder, part))]
        found.extend(places or ())
        complete = complete and places is not None
    if project[is_installable, each.origin.path]:
        found.extend(_installed_from(project, wanted.text))
    return tuple(dict.fromkeys(found)), complete and "PYTHONPATH" not in _mentions(project)


def _installed_from(project: Project, target: str) -> tuple[str, ...]:
    """The folder from which a build puts a package where every program finds it: the only one that has it."""
    roots = project[index].tops.get(target.partition(":")[0].partition(".")[0], ())
    return roots if len(roots) == 1 else ()


def _mentions(project: Project) -> frozenset[str]:
    """`PYTHONPATH` when a file of settings for containers or shells sets it."""
    return project[environment_names] & {"PYTHONPATH"}


def environment_names(project: Project) -> frozenset[str]:
    """The variables that matter here and that files which are not read as commands may set."""
    found: set[str] = set()
    for pattern in ("**/docker-compose*.y*ml", "**/compose*.y*ml", "**/.env", "**/.flaskenv", "**/*.env", "**/.envrc"):
        for path in project.files(pattern):
            text = project.text(path) or ""
            found.update(name for name in ("PYTHONPATH", "FLASK_APP") if name in text)
    # A script may be started by an image, or by another script, that sets it.
    images = (path for pattern in ("**/*Dockerfile*", "**/*.sh", "**/Makefile") for path in project.files(pattern))
    if any("PYTHONPATH" in (project.text(path) or "") for path in images):
        found.add("PYTHONPATH")
    return frozenset(found)


def is_installable(project: Project, path: str) -> bool:
    """Whether a build may put packages of the repository where every program finds them."""
    if project.files("**/setup.py") or project.files("**/setup.cfg"):
        return True
    for manifest in project.files("**/pyproject.toml"):
        text = project.text(manifest) or ""
        if "[build-system]" in text or ("[tool.poetry]" in text and "package-mode = false" not in text):
            return True
    return any(_BUILDS.search(project.text(each) or "") for each in project[sources])


def is_elsewhere(project: Project, launch: Launch, module: str) -> bool:
    """Whether a module that was not found may come from somewhere that was not looked into."""
    top = module.partition(".")[0]
    folders = (*launch.folders, *launch.more)
    if any(path.endswith(".py") for folder in folders for path, _ in located(project, folder, top)):
        return False
    if project[is_declared, top] or any(top in name for name in project[declared]):
        return True
    if not launch.complete and top in project[index].tops:
        return True
    return not is_settled(project, launch.said.origin) and is_somewhere(project, module)


def is_somewhere(project: Project, module: str) -> bool:
    """Whether any folder of the repository has this module."""
    place = module.replace(".", "/")
    ends = (f"/{place}.py", f"/{place}/__init__.py")
    return any(f"/{path}".endswith(ends) for path in project[known_paths])


@provides(starts)
def command_starts(project: Project) -> tuple[Start, ...]:
    """The starts that commands name."""
    return tuple(
        Start(
            each.target.program,
            each.target.kind,
            each.target.text,
            tuple(dict.fromkeys(path for path, _ in each.found)),
            each.said.at,
        )
        for each in project[launches]
    )
