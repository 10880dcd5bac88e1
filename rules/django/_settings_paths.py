"""The dotted names of the repository's own modules and classes in settings, and which of them name nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.classes import ancestry, classes_of
from cdlint.project.modules import find_module
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._apps import Installed, installed
from ._class_values import of_settings_class
from ._known import Entry, Items, Text
from ._settings import aside, running
from ._values import value_of

_OBJECTS = (
    "MIDDLEWARE", "MIDDLEWARE_CLASSES", "WSGI_APPLICATION", "ASGI_APPLICATION", "AUTHENTICATION_BACKENDS",
    "DATABASE_ROUTERS", "DEFAULT_AUTO_FIELD", "EMAIL_BACKEND", "SESSION_SERIALIZER", "PASSWORD_HASHERS", "TEST_RUNNER",
    "DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE", "FORM_RENDERER", "CSRF_FAILURE_VIEW", "MESSAGE_STORAGE",
    "STATICFILES_FINDERS", "FILE_UPLOAD_HANDLERS", "SOCIAL_AUTH_PIPELINE", "TEMPLATE_CONTEXT_PROCESSORS",
    "DEFAULT_EXCEPTION_REPORTER", "DEFAULT_EXCEPTION_REPORTER_FILTER", "SIGNING_BACKEND",
)  # fmt: skip
_MODULES = ("ROOT_URLCONF", "SESSION_ENGINE", "FORMAT_MODULE_PATH")
_NESTED = {
    "TEMPLATES": ("BACKEND", "context_processors", "builtins"),
    "AUTH_PASSWORD_VALIDATORS": ("NAME",),
    "LOGGING": ("class", "()"),
    "CACHES": ("BACKEND", "KEY_FUNCTION"),
    "STORAGES": ("BACKEND",),
    "REST_FRAMEWORK": ("EXCEPTION_HANDLER", "UNAUTHENTICATED_USER", "UNAUTHENTICATED_TOKEN", "URL_FIELD_NAME"),
}
_AUTO_FIELDS = ("AutoField", "BigAutoField", "SmallAutoField")


class BadPath(NamedTuple):
    """A setting that names nothing: the name, where it is written, and what of it is there.

    `why`: `module` (there is no such module), `name` (the module has no such name), `model`,
    `label` (no installed app has this label), `field`.
    """

    setting: str
    text: str
    at: Location
    why: str
    part: str
    near: Location | None


def bad_paths(project: Project) -> tuple[BadPath, ...]:
    """The names in the settings of the running project that resolve to nothing."""
    found: dict[tuple[Location, str], BadPath] = {}
    for settings in project[running].modules:
        for each in _of(project, settings.path):
            found.setdefault((each.at, each.text), each)
    return tuple(found.values())


def _of(project: Project, settings: str) -> Iterator[BadPath]:
    for setting in (*_OBJECTS, *_MODULES):
        for entry in _entries(project, settings, setting):
            bad = _checked(project, setting, entry.text, entry.at, setting in _MODULES)
            if bad is not None:
                yield bad
    for setting, keys in _NESTED.items():
        path, node = _literal(project, settings, setting)
        for constant in _under(node, keys, setting == "REST_FRAMEWORK"):
            bad = _checked(project, setting, constant.value, Location(path, constant.at), False)
            if bad is not None:
                yield bad
    yield from _user_model(project, settings)


def _entries(project: Project, settings: str, name: str) -> Iterator[Entry]:
    """The strings of a setting that are certain."""
    value = value_of(project, settings, name)
    value = of_settings_class(project, settings, name) if value is None else value
    if isinstance(value, Items):
        yield from (entry for entry in value.entries if entry.sure and "*" not in entry.text)
    elif isinstance(value, Text) and len(value.entries) == 1 and not value.why and "*" not in value.entries[0].text:
        yield value.entries[0]


def _literal(project: Project, settings: str, name: str) -> tuple[str, Node | None]:
    """The display that a setting is given once."""
    found = project[lookup, (settings, name)]
    if not isinstance(found, Symbol) or found.kind != "variable":
        return "", None
    module = project.module(found.path)
    given = [each for each in module.bindings if each.name == found.name] if module else []
    plain = len(given) == 1 and given[0].guard == "" and given[0].kind == "assign"
    return found.path, given[0].value if plain else None


def _under(node: Node | None, keys: tuple[str, ...], defaults: bool) -> Iterator[tree.Constant]:
    """The strings under these keys of a display, at any depth; strings behind conditions are left out."""
    if isinstance(node, tree.Sequence):
        for item in node.items:
            yield from _under(item, keys, defaults)
    if isinstance(node, tree.Mapping):
        for key, value in node.items:
            name = key.value if isinstance(key, tree.Constant) and isinstance(key.value, str) else ""
            if name in keys or (defaults and name.startswith("DEFAULT_") and "CLASS" in name):
                items = value.items if isinstance(value, tree.Sequence) else (value,)
                for item in items:
                    if isinstance(item, tree.Constant) and isinstance(item.value, str):
                        yield item
            else:
                yield from _under(value, keys, defaults)


def _checked(project: Project, setting: str, text: str, at: Location, is_module: bool) -> BadPath | None:
    """What is wrong with one dotted name; None when nothing is, or that cannot be told."""
    if not all(part.isidentifier() for part in text.split(".")) or "." not in text:
        return None
    if setting == "DEFAULT_AUTO_FIELD" and text.startswith("django.db.models."):
        wrong = text.rpartition(".")[2] not in _AUTO_FIELDS
        return BadPath(setting, text, at, "field", "", None) if wrong else None
    top = project[find_module, (at.path, text.partition(".")[0])]
    if not isinstance(top, Symbol) or top.kind != "module":
        return None
    owner, _, name = text.rpartition(".")
    whole = project[find_module, (at.path, text)]
    if isinstance(whole, Symbol):
        return None
    if is_module:
        return BadPath(setting, text, at, "module", text, None) if isinstance(whole, Absent) else None
    module = project[find_module, (at.path, owner)]
    if isinstance(module, Absent):
        return None if _is_class(project, at.path, owner) else BadPath(setting, text, at, "module", owner, None)
    if not isinstance(module, Symbol) or module.kind != "module" or not module.path.endswith(".py"):
        return None
    if isinstance(project[lookup, (module.path, name)], Absent):
        return BadPath(setting, text, at, "name", owner, Location(module.path, (1, 0, 1, 0)))
    return None


def _is_class(project: Project, path: str, dotted: str) -> bool:
    """Whether a dotted name may be a class or function in a module: its members are not looked into."""
    owner, _, name = dotted.rpartition(".")
    module = project[find_module, (path, owner)] if owner else None
    if not isinstance(module, Symbol) or not module.path.endswith(".py"):
        return isinstance(module, Symbol)
    return not isinstance(project[lookup, (module.path, name)], Absent)


def _user_model(project: Project, settings: str) -> Iterator[BadPath]:
    """`AUTH_USER_MODEL`: an app that is not there, or a model that the app does not have."""
    for entry in _entries(project, settings, "AUTH_USER_MODEL"):
        label, dot, model = entry.text.partition(".")
        known = project[installed, settings]
        if not dot or "." in model or known.why:
            continue
        apps = [app for app in known.apps if app.label == label]
        if not apps and (all(app.label for app in known.apps) or _is_elsewhere(project, known, label, model)):
            yield BadPath("AUTH_USER_MODEL", entry.text, entry.at, "label", label, None)
        for app in apps[:1]:
            if app.package and not has_class(project, app.package, model):
                yield BadPath("AUTH_USER_MODEL", entry.text, entry.at, "model", model, None)


def _is_elsewhere(project: Project, known: Installed, label: str, model: str) -> bool:
    """Whether an app of the repository has a user of this name, and no app from outside may have the label."""
    words = set(label.split("_"))
    outside = [app for app in known.apps if not app.label]
    if any(not words.isdisjoint(re.split(r"[._]", app.entry.text.lower())) for app in outside):
        return False
    return any(app.package and app.label and _has_user(project, app.package, model) for app in known.apps)


def _has_user(project: Project, package: str, name: str) -> bool:
    """Whether an app itself defines a class of this name that is a user of Django's kinds."""
    for path in project.paths:
        if path.startswith(package) and not aside(path.removeprefix(package)) and name in project[classes_of, path]:
            above = project[ancestry, Symbol("class", path, name)].external
            if any(each.rpartition(".")[2] in ("AbstractUser", "AbstractBaseUser") for each in above):
                return True
    return False


def has_class(project: Project, package: str, name: str) -> bool:
    """Whether an app may define a class: case does not matter, and what it imports may be it as well."""
    for path in project.paths:
        if path == package or (path.startswith(package) and not aside(path.removeprefix(package))):
            module = project.module(path)
            if module is None or any(each.lower() == name.lower() for each in project[classes_of, path]):
                return True
            names = [binding.name for binding in module.bindings]
            open_to = module.dynamic or any(each.lower() == name.lower() or each == "*" for each in names)
            if open_to and (path.rpartition("/")[2] == "models.py" or "/models/" in path):
                return True
    return False
