"""What the running project imports: from its settings, its URLconfs and its installed apps."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import edges
from cdlint.project.modules import folder_module, known_paths, submodule
from cdlint.rule import Location

from ._apps import installed
from ._settings import root_modules
from ._urls import includes

ADMIN = frozenset({"django.contrib.admin", "django.contrib.admin.apps.AdminConfig"})


class Step(NamedTuple):
    """A file that another one brings in, and the line that does."""

    path: str
    at: Location


def reached(project: Project, settings: str) -> dict[str, Location]:
    """File -> the line that brings it in, for all that is imported when the project starts and serves.

    Imports under a condition may never run and do not count; those on the top level of a
    function do, unless it asks which apps are installed.
    """
    found: dict[str, Location] = {}
    level = [Step(settings, Location(settings, (1, 0, 1, 0))), *starts_of(project, settings)]
    while level:
        following: list[Step] = []
        for step in level:
            if step.path not in found:
                found[step.path] = step.at
                following.extend(project[successors, step.path])
        level = following
    return found


def starts_of(project: Project, settings: str) -> list[Step]:
    """What Django itself imports: the root URLconf, and of each app its package, `apps` and `models`."""
    steps = []
    roots = root_modules(project, settings) or ()
    if len(roots) == 1:
        steps += [Step(module.path, entry.at) for module, entry in roots]
    apps = [app for app in project[installed, settings].apps if app.entry.sure]
    modules = ["apps", "models"] + ["admin"] * any(app.entry.text in ADMIN for app in apps)
    for app in apps:
        if app.package.endswith("/"):
            package = folder_module(project, app.package.rstrip("/"))
            inner = [submodule(project, package, name) for name in modules]
            steps += [Step(each.path, app.entry.at) for each in (package, *inner) if each and each.path.endswith(".py")]
    return steps


def successors(project: Project, path: str) -> tuple[Step, ...]:
    """What importing a file imports: its packages, its imports, and the URLconfs it includes."""
    certain = project[unconditional, path]
    found = [Step(edge.imported, Location(path, edge.at)) for edge in project[edges, path] if edge.at in certain]
    for each in project[includes, path]:
        if not each.guarded and isinstance(each.target, Symbol) and each.target.kind == "module":
            found.append(Step(each.target.path, each.at))
    known = project[known_paths]
    first: dict[str, Step] = {}
    for step in found:
        first.setdefault(step.path, step)
    for step in tuple(first.values()):
        folder = step.path.rpartition("/")[0]
        while folder and (package := f"{folder}/__init__.py") in known:
            first.setdefault(package, Step(package, step.at))
            folder = folder.rpartition("/")[0]
    return tuple(step for step in first.values() if step.path.endswith(".py"))


def unconditional(project: Project, path: str) -> frozenset[tree.At]:
    """Where the imports stand that run when the file, or the function around them, does."""
    module = project.module(path)
    if module is None:
        return frozenset()
    found = {each.at for each in module.imports if each.kind == "runtime"}
    scopes = {each.scope for each in module.imports if each.kind == "deferred"}
    for function in module.functions:
        if function.qualname in scopes and not _asks(function):
            lines = [node for node in function.body if isinstance(node, tree.ImportStatement)]
            found.update(module.imports[index].at for node in lines for index in node.indexes)
    return frozenset(found)


def _asks(function: Function) -> bool:
    """Whether a function looks at which apps are installed."""
    if any(call.endswith("is_installed") for call in function.calls):
        return True
    return function.mentions("INSTALLED_APPS") and any(
        isinstance(node, tree.Path) and node.last == "INSTALLED_APPS" for node in function.nodes
    )
