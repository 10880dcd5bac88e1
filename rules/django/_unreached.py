"""The URLconfs that nothing brings into the running project."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import importers
from cdlint.project.modules import module_name
from cdlint.rule import Location

from ._apps import installed
from ._settings import aside, root_modules, running
from ._urls import dynamic_includes, included_modules, includes, is_urlconf

_CONFIGURATION = (
    "**/*.toml",
    "**/*.cfg",
    "**/*.ini",
    "**/*.yml",
    "**/*.yaml",
    "**/*.env",
    "**/.env*",
    "**/Dockerfile*",
    "**/*.sh",
    "**/Makefile",
    "**/Procfile",
)
_MANIFESTS = ("**/pyproject.toml", "**/setup.cfg", "**/setup.py")
_VARIANT = re.compile(r"(^|_)(dev|debug|local|prod|production|staging|tests?|docker|ci|maintenance|public|tenant)(_|$)")


class Unreached(NamedTuple):
    """A URLconf that no other file names: where its patterns are, and the root URLconf."""

    name: str
    at: Location
    root: Location
    root_name: str


def unreached(project: Project) -> tuple[Unreached, ...]:
    """The URLconfs of the project that no `include()`, import or string leads to."""
    chosen = project[running]
    roots = [root_modules(project, each.path) for each in chosen.modules]
    if chosen.why or not roots or None in roots:
        return ()
    modules = sorted({module for each in roots for module, _ in each or ()})
    found = []
    for path in project.paths:
        if not aside(path) and project[is_urlconf, path] and _belongs(project, path, modules):
            binding = _patterns(project, path)
            if binding is not None and not _used(project, path):
                at = _patterns(project, modules[0].path)
                root = Location(modules[0].path, at.at if at else (1, 0, 1, 0))
                name = module_name(project, path)
                found.append(Unreached(name, Location(path, binding.at), root, module_name(project, modules[0].path)))
    return tuple(found) if found and not project[dynamic_includes] else ()


def reusable(project: Project) -> bool:
    """Whether the repository offers a package to other projects, which include its URLconfs."""
    files = (path for pattern in _MANIFESTS for path in project.files(pattern))
    return any("Framework :: Django" in (project.text(path) or "") for path in files)


def _belongs(project: Project, path: str, roots: list[Symbol]) -> bool:
    """Whether a URLconf is the project's: in an installed app, or in the package of the root URLconf."""
    if any(path == root.path for root in roots) or _alternative(project, path, roots):
        return False
    top = {module_name(project, root.path).partition(".")[0] for root in roots}
    if module_name(project, path).partition(".")[0] in top:
        return True
    inside = any(project[installed, each.path].covers(path) for each in project[running].modules)
    return inside and not project[reusable]


def _alternative(project: Project, path: str, roots: list[Symbol]) -> bool:
    """Whether a URLconf may be another root: it stands beside one and is made like one."""
    folder, _, name = path.rpartition("/")
    module = project.module(path)
    if module is None or all(root.path.rpartition("/")[0] != folder for root in roots):
        return False
    if _VARIANT.search(name.removesuffix(".py")) or any(b.name.startswith("handler") for b in module.bindings):
        return True
    shared = {each.written for root in roots for each in project[includes, root.path] if each.written}
    return any(each.written in shared for each in project[includes, path])


def _patterns(project: Project, path: str) -> Binding | None:
    """The binding of `urlpatterns` when it holds something that is written out."""
    module = project.module(path)
    for binding in module.bindings if module else ():
        value = binding.value if binding.name == "urlpatterns" else None
        if isinstance(value, tree.Binary) or (isinstance(value, tree.Sequence) and value.items):
            return binding
        if isinstance(value, tree.Path) and value.last == "urls":
            return binding
    return None


def _used(project: Project, path: str) -> bool:
    """Whether any other file includes, imports or names a URLconf."""
    if path in project[included_modules] or any(by != path for by, _ in project[importers].get(path, ())):
        return True
    dotted = module_name(project, path)
    tail = ".".join(dotted.split(".")[-2:])
    if any(tail in (project.text(other) or "") for each in _CONFIGURATION for other in project.files(each)):
        return True
    others = (other for other in project.paths if other != path and tail in (project.text(other) or ""))
    return any(_says(project, other, dotted) for other in others)


def _says(project: Project, path: str, dotted: str) -> bool:
    """Whether a string of a file is the dotted name, or a shorter spelling of it."""
    module = project.module(path)
    if module is None:
        return True
    for function in module.functions:
        for node in tree.walk(*function.body):
            if isinstance(node, tree.Constant) and isinstance(node.value, str) and "." in node.value:
                text = node.value
                if text == dotted or text.startswith(f"{dotted}.") or dotted.endswith(f".{text}"):
                    return True
    return False
