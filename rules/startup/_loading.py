"""Which import of a program fails because of the folder that it is started from."""

from __future__ import annotations

import sys
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.loading import Need, needs
from cdlint.project.manifests import is_declared
from cdlint.project.modules import find_module
from cdlint.rule import Location

from ._starts import located


class Failure(NamedTuple):
    """The import that fails, where, and why: `top` is not found, or `""` for dots that lead too far."""

    at: Location
    module: str
    top: str


def changes_path(project: Project, path: str) -> bool:
    """Whether a file may put folders on Python's path."""
    module = project.module(path)
    return module is None or any(
        function.mentions("sys.path") or any(call.startswith(("site.", "sys.path")) for call in function.calls)
        for function in module.functions
    )


def failure(project: Project, key: tuple[str, str, tuple[str, ...], bool]) -> Failure | None:
    """The first import that fails when a file is loaded.

    The key is `(path, folder that comes first on the path, other folders, whether it is run as a file)`.
    """
    path, folder, more, alone = key
    roots = (folder, *more)
    name = "" if alone else path[len(folder) + 1 if folder else 0 :].removesuffix(".py")
    waiting = [(path, name)]
    seen = {path}
    found: Failure | None = None
    while waiting:
        each, inside = waiting.pop(0)
        if each.endswith("/"):
            continue
        if project[changes_path, each]:
            return None
        for need in project[needs, each]:
            loaded, problem = _loaded(project, roots, each, inside, need)
            found = found or problem
            for place, dotted in loaded:
                if place not in seen and place.endswith(".py"):
                    seen.add(place)
                    waiting.append((place, dotted))
    return found


def _loaded(
    project: Project, roots: tuple[str, ...], path: str, inside: str, need: Need
) -> tuple[list[tuple[str, str]], Failure | None]:
    """The files that an import loads, with their names, and what is wrong with it."""
    level = len(need.module) - len(need.module.lstrip("."))
    at = Location(path, (need.line, 0, need.line, 0))
    if level:
        package = inside.removesuffix("/__init__").split("/") if inside else []
        depth = len(package) - (not path.endswith("__init__.py"))
        if depth < level:
            return [], Failure(at, need.module, "")
        folder = path.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        base = "/".join(package[: depth - level + 1])
        return _below(project, folder, base, need.module[level:], need.names), None
    top = need.module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return [], None
    for root in roots:
        if located(project, root, top):
            return _below(project, root, "", need.module, need.names), None
    answer = project[find_module, (path, need.module)]
    own = isinstance(answer, Symbol) and answer.kind == "module"
    return [], Failure(at, need.module, top) if own and not project[is_declared, top] else None


def _below(project: Project, folder: str, base: str, module: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The files of a module below a folder, those of its packages and of the names that are modules too."""
    parts = [part for part in module.split(".") if part]
    dotted = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    dotted += [".".join([*parts, name]) for name in names if name and name != "*"]
    found = [pair for name in dotted for pair in located(project, folder, name)]
    cut = len(folder) + 1 if folder else 0
    prefix = base + "/" if base else ""
    return [(path, prefix + path[cut:].removesuffix(".py")) for path, _ in found]
