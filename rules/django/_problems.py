"""What is wrong with the apps that the running settings install, or do not install."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.modules import find_module
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._apps import App, Installed, app_folder, dotted_from, installed
from ._known import Entry
from ._models import Model, models_of
from ._reach import reached
from ._settings import Choice, aside, running, settings_like

_ENVIRONMENT = (
    "**/Dockerfile*",
    "**/.env*",
    "**/*.env",
    "**/*compose*",
    "**/*.sh",
    "**/Procfile",
    "**/tox.ini",
    "**/pyproject.toml",
)
_GROWING = ("INSTALLED_APPS.append", "INSTALLED_APPS.extend", "INSTALLED_APPS.insert")
_CLOSE = 0.85
"""How alike a package and what an `AppConfig` calls it are if one is misspelt."""
_PATH_CALLS = ("path.append", "path.insert", "path.extend", "addsitedir")


class MissingApp(NamedTuple):
    """An app whose models the project imports and no entry covers. `at` is the list to extend."""

    name: str
    models: tuple[Model, ...]
    imported_at: Location
    at: Location
    settings: str


class BrokenEntry(NamedTuple):
    """An entry whose app Django cannot load. `why`: `absent`, `name` or `label`."""

    why: str
    app: App
    expected: str
    other: Entry | None


def missing_apps(project: Project) -> tuple[MissingApp, ...]:
    """The apps that every settings module which runs the project leaves out."""
    chosen: Choice = project[running]
    lists = [(each.path, project[installed, each.path]) for each in chosen.modules]
    if chosen.why or not lists or any(found.why or not found.apps for _, found in lists):
        return ()
    missing: dict[str, MissingApp] = {}
    for settings, found in lists:
        for name, group in _uncovered(project, settings, found).items():
            if any(other.covers(group[0].symbol.path) for _, other in lists) or _elsewhere(project, name):
                continue
            if any(app.absent and app.entry.text.startswith(f"{name}.") for app in found.apps):
                continue  # It is in the list, and what is wrong with the entry is told.
            where = project[reached, settings][group[0].symbol.path]
            place = _list_to_extend(project, settings, found)
            missing.setdefault(name, MissingApp(name, group, where, place, settings))
    return tuple(missing[name] for name in sorted(missing))


def _uncovered(project: Project, settings: str, found: Installed) -> dict[str, tuple[Model, ...]]:
    """App -> its models that are imported but whose file lies in no installed app."""
    groups: dict[str, list[Model]] = {}
    for path in sorted(project[reached, settings]):
        if found.covers(path) or aside(path) or _outside_entry(project, path, settings, found):
            continue
        for model in project[models_of, path]:
            if not model.labelled:
                groups.setdefault(dotted_from(project, app_folder(project, path), settings), []).append(model)
    return {name: tuple(models) for name, models in groups.items()}


def _outside_entry(project: Project, path: str, settings: str, found: Installed) -> bool:
    """Whether an entry that looks third-party is a shorter spelling of the file's own package."""
    dotted = f".{dotted_from(project, path, settings)}."
    return any(f".{app.entry.text}." in dotted for app in found.apps if not app.package)


def _elsewhere(project: Project, name: str) -> bool:
    """Whether settings that nothing above follows (a class, an override, a variant) name the app."""
    followed = {path for each in project[running].modules for path in project[reached, each.path]}
    places = [path for path in project[settings_like] if path not in followed or adds_to_others(project, path)]
    texts = {text for path in places for text in project[listed, path]}
    return any(text == name or text.startswith(f"{name}.apps.") or name.startswith(f"{text}.") for text in texts)


def adds_to_others(project: Project, path: str) -> bool:
    """Whether a file adds apps to the list of a settings module that it imports."""
    module = project.module(path)
    calls = {call for function in module.functions for call in function.calls} if module is not None else set()
    return any(call.endswith(_GROWING) for call in calls)


def listed(project: Project, path: str) -> frozenset[str]:
    """The strings that a module writes in lists or appends to something."""
    module = project.module(path)
    bodies = [node for function in module.functions for node in function.body] if module else []
    found: set[str] = set()
    for node in tree.walk(*bodies):
        grows = isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("append", "insert", "add")
        items = node.items if isinstance(node, tree.Sequence) else node.args if grows else ()
        found.update(item.value for item in items if isinstance(item, tree.Constant) and isinstance(item.value, str))
    return frozenset(found)


def _list_to_extend(project: Project, settings: str, found: Installed) -> Location:
    """The list that holds most of the project's own apps, else the setting or what holds its last entry."""
    own = Counter(app.entry.holder for app in found.apps if app.package and app.entry.sure)
    best = max(own.values(), default=0)
    answer = project[lookup, (settings, "INSTALLED_APPS")]
    module = project.module(answer.path) if isinstance(answer, Symbol) and not best else None
    if module is not None and isinstance(answer, Symbol):
        bound = [each for each in module.bindings if each.name == "INSTALLED_APPS" and each.kind == "assign"]
        if len(bound) == 1:
            return Location(answer.path, bound[0].at)
    holders = [app.entry.holder for app in found.apps]
    return next((holder for holder in reversed(holders) if own[holder] == best), holders[-1])


def broken_entries(project: Project) -> tuple[BrokenEntry, ...]:
    """The entries that stop Django at startup."""
    found: dict[BrokenEntry, None] = {}
    for each in project[running].modules:
        apps = [app for app in project[installed, each.path].apps if app.entry.sure]
        for app in apps:
            if app.absent:
                found[BrokenEntry("absent", app, "", None)] = None
            elif expected := _expected_name(project, app):
                found[BrokenEntry("name", app, expected, None)] = None
        found.update(dict.fromkeys(_duplicates(apps)))
    return tuple(found)


def _expected_name(project: Project, app: App) -> str:
    """The package that `AppConfig.name` should say, `""` when what it says can be imported."""
    if app.config is None or not app.name or app.name_at is None:
        return ""
    answer = project[find_module, (app.config.path, app.name)]
    if isinstance(answer, Symbol) and answer.kind == "module":
        return ""
    package = _package_of(app.entry.text, app.config)
    misspelt = SequenceMatcher(None, package, app.name).ratio() >= _CLOSE and not _is_folder(project, app.name)
    shortened = package.endswith("." + app.name) and not project[changes_search_path]
    return package if isinstance(answer, Absent) or (isinstance(answer, Symbol) and (shortened or misspelt)) else ""


def _is_folder(project: Project, name: str) -> bool:
    """Whether the repository has a folder of a package's name somewhere, which may be on the search path."""
    return any(f"/{name.replace('.', '/')}/" in f"/{path}" for path in project.paths)


def _package_of(entry: str, config: Symbol) -> str:
    """The package that an entry means: itself, or the one around the module of its class."""
    owner = entry.removesuffix("." + config.last)
    return owner if owner == entry or config.path.endswith("/__init__.py") else owner.rpartition(".")[0]


def changes_search_path(project: Project) -> bool:
    """Whether the project adds folders to Python's search path, by code or environment."""
    for path in project.paths:
        module = project.module(path)
        for function in module.functions if module else ():
            if any(call.endswith(_PATH_CALLS) for call in function.calls):
                return True
    files = (path for pattern in _ENVIRONMENT for path in project.files(pattern))
    return any("PYTHONPATH" in (project.text(path) or "") for path in files)


def _duplicates(apps: list[App]) -> Iterator[BrokenEntry]:
    """The entries whose label an earlier one already has."""
    first: dict[str, App] = {}
    for app in apps:
        if app.label and (earlier := first.setdefault(app.label, app)) is not app and earlier.entry.at != app.entry.at:
            yield BrokenEntry("label", app, app.label, earlier.entry)
