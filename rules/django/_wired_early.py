"""Imports that reach a model before Django has loaded its apps."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts.model import Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import classes_of, resolve_in
from cdlint.project.imports import edges
from cdlint.project.modules import known_paths
from cdlint.rule import Location

from ._apps import App, installed
from ._query_models import is_model
from ._settings import aside, running

_MODELS = (
    "django.contrib.auth.models",
    "django.contrib.contenttypes.models",
    "django.contrib.sessions.models",
    "django.contrib.sites.models",
    "django.contrib.auth.admin",
    "django.contrib.auth.forms",
    "rest_framework.authtoken.models",
)
_ASKS = frozenset({"django.contrib.auth.get_user_model"})


class Early(NamedTuple):
    """A file that Django imports before the apps are ready, the way from there, and what it meets."""

    start: str
    at: Location
    steps: tuple[Location, ...]
    what: str
    where: Location


def early(project: Project) -> tuple[Early, ...]:
    """The imports that raise `AppRegistryNotReady` when the project starts."""
    found: dict[Location, Early] = {}
    for settings in project[running].modules:
        for app in project[installed, settings.path].apps:
            for start in _starts(project, app) if app.entry.sure else ():
                if not aside(start):
                    one = _way(project, start)
                    if one is not None:
                        found.setdefault(one.at, one)
    return tuple(found.values())


def _starts(project: Project, app: App) -> list[str]:
    """The files of an app that Django imports while it loads the apps: its packages and its `AppConfig`."""
    if not app.package.endswith("/"):
        return []
    known = project[known_paths]
    files = [f"{app.package}__init__.py", f"{app.package}apps.py"]
    if app.config is not None:
        files.append(app.config.path)
    return [path for path in dict.fromkeys(files) if path in known]


def _way(project: Project, start: str) -> Early | None:
    """The shortest way of imports from a file to a model."""
    ways: list[tuple[str, tuple[Location, ...]]] = [(start, ())]
    seen = {start}
    while ways:
        following: list[tuple[str, tuple[Location, ...]]] = []
        for path, steps in ways:
            met = project[met_in, path]
            if met is not None:
                what, at = met
                where = Location(path, at)
                return Early(start, steps[0] if steps else where, (*steps, where), what, where)
            for target, at in project[_runs_on_import, path]:
                if target not in seen:
                    seen.add(target)
                    following.append((target, (*steps, Location(path, at))))
        ways = following
    return None


def _runs_on_import(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    """The files that a file imports whenever it is imported itself, with the packages around them."""
    known = project[known_paths]
    found: dict[str, At] = {}
    for edge in project[edges, path]:
        if edge.kind != "runtime":
            continue
        folder = edge.imported.rpartition("/")[0]
        around: list[str] = []
        while folder:
            around.append(f"{folder}/__init__.py")
            folder = folder.rpartition("/")[0]
        for each in (*reversed(around), edge.imported):
            if each in known and each != path:
                found.setdefault(each, edge.at)
    return tuple(found.items())


def met_in(project: Project, path: str) -> tuple[str, At] | None:
    """What in a file needs the apps: a model, a package's models, `get_user_model()`; None when nothing does."""
    module = project.module(path)
    if module is None:
        return None
    for each in module.imports:
        if each.kind == "runtime" and each.module.startswith(_MODELS):
            return f"`{each.module}`", each.at
        if each.kind == "runtime" and f"{each.module}.{each.name}" in _MODELS:
            return f"`{each.module}.{each.name}`", each.at
    model = _model(project, path)
    return model if model is not None else _asked(project, path, module)


def _model(project: Project, path: str) -> tuple[str, At] | None:
    for name, facts in project[classes_of, path].items():
        top = "." not in name and not facts.parent and not facts.conditional
        if top and facts.base_codes and is_model(project, Symbol("class", path, name)):
            return f"the model `{name}`", facts.at
    return None


def _asked(project: Project, path: str, module: Module) -> tuple[str, At] | None:
    for binding in module.bindings:
        if binding.callee.rpartition(".")[2] == "get_user_model" and not binding.guard:
            callee = resolve_in(project, path, "", binding.callee)
            if isinstance(callee, Symbol) and callee.name in _ASKS:
                return "`get_user_model()`", binding.at
    return None
