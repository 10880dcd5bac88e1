"""The URLconfs that nothing brings into the running project."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import importers
from cdlint.rule import Location

from ._apps import dotted_from, inside, installed
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
            if binding is not None and not _used(project, path, dotted_from(project, path, modules[0].path)):
                at = _patterns(project, modules[0].path)
                root = Location(modules[0].path, at.at if at else (1, 0, 1, 0))
                names = [dotted_from(project, each, modules[0].path) for each in (path, modules[0].path)]
                found.append(Unreached(names[0], Location(path, binding.at), root, names[1]))
    return tuple(found) if found and not project[dynamic_includes] else ()


def reusable(project: Project) -> bool:
    """Whether the repository offers a package to other projects, which include its URLconfs."""
    files = (path for pattern in _MANIFESTS for path in project.files(pattern))
    return any("Framework :: Django" in (project.text(path) or "") for path in files)


def _belongs(project: Project, path: str, roots: list[Symbol]) -> bool:
    """Whether a URLconf is the project's: beside the root URLconf, or in a package that holds installed apps."""
    if any(path == root.path for root in roots) or _alternative(project, path, roots):
        return False
    tops = {_top(root.path, dotted_from(project, root.path, root.path)) for root in roots}
    if not project[reusable]:
        apps = [app for each in project[running].modules for app in project[installed, each.path].apps]
        tops |= {_top(app.package, app.entry.text) for app in apps if app.package and app.config is None}
        tops |= {_top(app.package, app.name) for app in apps if app.package and app.config and app.name}
    return any(top and inside(path, top) for top in tops)


def _top(path: str, dotted: str) -> str:
    """The folder of the top-level package of a module; `""` for a module that is in none."""
    parts = path.removesuffix(".py").removesuffix("/__init__").rstrip("/").split("/")
    kept = parts[: len(parts) - dotted.count(".")]
    return "/".join(kept) if len(kept) < len(parts) or path.endswith("/") else ""


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


def _used(project: Project, path: str, dotted: str) -> bool:
    """Whether any other file includes, imports or names a URLconf; a test that only looks at it does not use it."""
    users = [by for by, _ in project[importers].get(path, ()) if by != path]
    if path in project[included_modules] or any(not aside(by) or project[is_urlconf, by] for by in users):
        return True
    if any(dotted in (project.text(other) or "") for each in _CONFIGURATION for other in project.files(each)):
        return True
    folder = path.rpartition("/")[0]
    beside = project.module(f"{folder}/provider.py") if path == f"{folder}/urls.py" else None
    if beside is not None and any(each.module.startswith("allauth.") for each in beside.imports):
        return True  # django-allauth takes the URLs of each provider itself.
    tail = ".".join(dotted.split(".")[-2:])
    others = (other for other in project.paths if other != path and tail in (project.text(other) or ""))
    return any(_says(project, other, dotted) for other in others)


def _says(project: Project, path: str, dotted: str) -> bool:
    """Whether a string of a file is the dotted name, or a shorter spelling of it."""
    module = project.module(path)
    if module is None:
        return True
    for function in module.functions:
        for node in function.nodes:
            if isinstance(node, tree.Constant) and isinstance(node.value, str) and "." in node.value:
                # `shop.routing`, or with an attribute behind it `shop.routing.application`.
                for text in (node.value, node.value.rpartition(".")[0]):
                    if text == dotted or ("." in text and dotted.endswith(f".{text}")):
                        return True
    return False
