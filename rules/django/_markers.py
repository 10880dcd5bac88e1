"""Modules that Django finds by their place: migrations, commands and template tags, and those that stand elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_member, classes_of, resolve_in
from cdlint.project.imports import importers
from cdlint.project.modules import known_paths, module_name
from cdlint.rule import Location

from ._apps import installed
from ._settings import aside, running, settings_like
from ._unreached import reusable

_COMMANDS = frozenset(
    f"django.core.management.{module}{name}"
    for module in ("", "base.")
    for name in ("BaseCommand", "AppCommand", "LabelCommand")
)
_LIBRARY = frozenset({"django.template.Library", "django.template.library.Library", "django.template.base.Library"})
_COMMAND, _TAGS = "management/commands/", "templatetags/"


class Unmarked(NamedTuple):
    """A folder of migrations that is no package: its first migration, and the app."""

    folder: str
    at: Location
    app: str


class Misplaced(NamedTuple):
    """A command or tag library that Django does not find. `why`: `place`, `nested` or `app`."""

    kind: str
    name: str
    at: Location
    why: str
    expected: str


def unmarked(project: Project) -> tuple[Unmarked, ...]:
    """The migrations that Django takes for none, since their folder has no `__init__.py`."""
    found: dict[str, Unmarked] = {}
    for settings in project[running].modules:
        if _redirects(project, settings.path):
            return ()
        for app in project[installed, settings.path].apps:
            folder = f"{app.package}migrations/"
            if app.package.endswith("/") and app.entry.sure and not aside(folder):
                first = _first_migration(project, folder)
                if first is not None:
                    found.setdefault(folder, Unmarked(folder, Location(first, (1, 0, 1, 0)), app.entry.text))
    return tuple(found.values())


def _first_migration(project: Project, folder: str) -> str | None:
    """The first migration of a folder without `__init__.py`."""
    if f"{folder}__init__.py" in project[known_paths] or project.exists(f"{folder}__init__.py"):
        return None
    names = [path for path in _folder_paths(project, folder) if "Migration" in project[classes_of, path]]
    return min(names, default=None)


def _folder_paths(project: Project, folder: str) -> Iterator[str]:
    if project.exists(folder.rstrip("/")):
        yield from (path for path in project.paths if path.startswith(folder) and "/" not in path[len(folder) :])


def _redirects(project: Project, settings: str) -> bool:
    """Whether settings say where migrations are."""
    module = project.module(settings)
    return module is None or any(binding.name == "MIGRATION_MODULES" for binding in module.bindings)


def misplaced(project: Project) -> tuple[Misplaced, ...]:
    """The commands and tag libraries that stand where Django does not look."""
    if not project[running].modules:
        return ()
    found = [each for path in project.paths if not aside(path) for each in project[_candidates, path]]
    # Whether something names a module is asked last: it reads the text of every file.
    lost = [each for each in found if each.why != "app" or _not_installed(project, each)]
    unused = [each for each in lost if not _is_imported(project, each.at.path)]
    return tuple(each for each in unused if not project[reusable] and not _named(project, each.at.path))


def _is_imported(project: Project, path: str) -> bool:
    return any(not aside(by) for by, _ in project[importers].get(path, ()))


def _is_spare(project: Project, package: str) -> bool:
    """Whether a package is an app of its own that no other code uses: somebody may install it at will."""
    whole = any(project.exists(f"{package}{name}") for name in ("apps.py", "models.py", "models"))
    inner = [path for path in project.paths if path.startswith(package)]
    users = (by for path in inner for by, _ in project[importers].get(path, ()))
    return whole and all(by.startswith(package) or aside(by) for by in users)


def _candidates(project: Project, path: str) -> tuple[Misplaced, ...]:
    """What a file holds that belongs in a certain folder; `app` where the folder is right."""
    module = project.module(path)
    return (*_commands(project, path), *_libraries(project, path, module)) if module is not None else ()


def _commands(project: Project, path: str) -> Iterator[Misplaced]:
    facts = project[classes_of, path].get("Command")
    if facts is None:
        return
    symbol = Symbol("class", path, "Command")
    if not _COMMANDS.intersection(project[ancestry, symbol].external):
        return
    handle = project[class_member, (symbol, "handle")]
    name = path.rpartition("/")[2].removesuffix(".py")
    if not isinstance(handle, Symbol) or handle.kind != "function" or name.startswith("_"):
        return
    before, found, after = path.rpartition(_COMMAND)
    why = "place" if not found else "nested" if "/" in after else "app"
    home = before if found else f"{path.rpartition('/')[0]}/"
    yield Misplaced("command", name, Location(path, facts.at), why, home if why == "app" else _COMMAND)


def _libraries(project: Project, path: str, module: Module) -> Iterator[Misplaced]:
    for binding in module.bindings:
        if binding.name == "register" and binding.callee.endswith("Library"):
            callee = resolve_in(project, path, "", binding.callee)
            tagged = any(function.decorator_codes for function in module.functions)
            if isinstance(callee, Symbol) and callee.name in _LIBRARY and tagged:
                before, found, _ = path.partition(_TAGS)
                name = path.rpartition("/")[2].removesuffix(".py")
                why = "app" if found else "place"
                yield Misplaced("tags", name, Location(path, binding.at), why, before if found else _TAGS)


def _named(project: Project, path: str) -> bool:
    """Whether a string somewhere names the module, as `libraries` and `builtins` of `TEMPLATES` do."""
    tail = ".".join(module_name(project, path).split(".")[-2:])
    return any(tail in (project.text(other) or "") for other in project.paths if other != path)


def _not_installed(project: Project, each: Misplaced) -> bool:
    """Whether the package around a command or library is certainly no installed app."""
    for settings in project[running].modules:
        known = project[installed, settings.path]
        if known.why or any(app.package == each.expected or app.why for app in known.apps):
            return False
    if not project.exists(f"{each.expected}__init__.py") or project[running].why or _is_spare(project, each.expected):
        return False
    # Other files may add to the list: settings for other places, code that runs behind the settings.
    package = each.expected.rstrip("/").rpartition("/")[2]
    return not any(package in (project.text(path) or "") for path in project[settings_like])
