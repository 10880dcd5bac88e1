"""Where Alembic looks for revisions, and which of the repository's lie elsewhere."""

from __future__ import annotations

import re
from posixpath import join, normpath
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.places import is_aside

_LOCATIONS = re.compile(r"^[ \t]*[\"']?version_locations[\"']?\s*[=:]\s*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_RECURSIVE = re.compile(r"^[ \t]*recursive_version_locations\s*=\s*[\"']?(?:true|1|yes)", re.MULTILINE | re.IGNORECASE)
_KEPT = re.compile(r"archiv|old|legacy|squash|backup|deprecated|unused|template", re.IGNORECASE)


class Stray(NamedTuple):
    """A revision that Alembic does not load: its file, its identifier, and the folder where it looks."""

    path: str
    revision: str
    at: At
    versions: str


def strays(project: Project) -> tuple[Stray, ...]:
    """The revisions in the folder of an environment that are in none of its version locations."""
    environments = [
        path.rpartition("/")[0]
        for path in project.files("**/env.py")
        if not is_aside(path) and _is_environment(project, path.rpartition("/")[0])
    ]
    if not environments:
        return ()
    told = _told(project)
    if told is None:
        return ()
    found = []
    for path in project.paths:
        folder = path.rpartition("/")[0]
        around = [each for each in environments if folder == each or folder.startswith(f"{each}/" if each else "")]
        if not around or is_aside(path):
            continue
        nearest = max(around, key=len)
        versions = f"{nearest}/versions".lstrip("/")
        if folder == versions or folder in told or path == f"{nearest}/env.py".lstrip("/"):
            continue
        if folder.startswith(versions + "/") and _is_recursive(project):
            continue
        revision = project[revision_of, path]
        if revision is not None and not _KEPT.search(folder[len(nearest) :]):
            found.append(Stray(path, *revision, versions))
    return tuple(found)


def _is_environment(project: Project, folder: str) -> bool:
    """Whether a folder with `env.py` is one of Alembic that has its revisions in the usual place."""
    start = f"{folder}/" if folder else ""
    return project.exists(f"{start}script.py.mako") and project.exists(f"{start}versions")


def _told(project: Project) -> frozenset[str] | None:
    """The further version locations of all configuration files; None when code or a variable names them."""
    found: set[str] = set()
    for path in (*project.files("**/alembic.ini"), *project.files("**/pyproject.toml")):
        text = project.text(path) or ""
        match = _LOCATIONS.search(text) if "version_locations" in text else None
        for part in re.split(r"[\s,:;\[\]\"']+", match[1]) if match is not None else ():
            plain = part.replace("%(here)s", "").replace("%%(here)s", "").lstrip("/")
            if "%" in plain or "$" in plain:
                return None
            if plain and not plain.startswith("#"):
                found.add(normpath(join(path.rpartition("/")[0], plain)))
                found.add(normpath(plain))
    spoken = any(project[_speaks_of_them, path] for path in project.paths)
    return None if spoken else frozenset(found)


def _speaks_of_them(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.mentions("version_locations") for each in module.functions)


def _is_recursive(project: Project) -> bool:
    files = (*project.files("**/alembic.ini"), *project.files("**/pyproject.toml"))
    return any(_RECURSIVE.search(project.text(path) or "") for path in files)


def revision_of(project: Project, path: str) -> tuple[str, At] | None:
    """The identifier that a file gives itself as a revision, with its place; None for any other file."""
    module = project.module(path)
    if module is None or not {"revision", "down_revision"} <= {each.name for each in module.bindings}:
        return None
    for each in module.bindings:
        value = each.value
        if each.name == "revision" and isinstance(value, tree.Constant) and isinstance(value.value, str):
            return value.value, each.at
    return None
