"""The apps that a settings module installs: packages, `AppConfig` classes and their labels."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class
from cdlint.project import Project
from cdlint.project.answers import Absent, Answer, Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, classes_of, fields
from cdlint.project.constants import variable
from cdlint.project.modules import find_module, module_name, submodule
from cdlint.project.names import lookup
from cdlint.project.roots import index
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._known import Entry
from ._settings import app_list

APP_CONFIGS = frozenset({"django.apps.AppConfig", "django.apps.config.AppConfig"})

_CONTRIB = frozenset(
    {
        "admin", "admindocs", "auth", "comments", "contenttypes", "csrf", "databrowse", "flatpages", "formtools", "gis",
        "humanize", "localflavor", "markup", "messages", "postgres", "redirects", "sessions", "sitemaps", "sites",
        "staticfiles", "syndication", "webdesign",
    }
)  # fmt: skip
"""Django's own apps, those of old versions included."""


class App(NamedTuple):
    """An entry of `INSTALLED_APPS`, resolved.

    `package` is the folder or file of a first-party app, `config` its `AppConfig` class.
    `name` is what the class says, at `name_at`. `absent` says that nothing of this name exists.
    `why` is why it could not be resolved, `""` when it was or when it is not first-party.
    """

    entry: Entry
    package: str
    config: Symbol | None
    name: str
    name_at: Location | None
    label: str
    absent: bool
    why: str


class Installed(NamedTuple):
    """The apps of a settings module; `why` says why there may be more, `""` when there are not."""

    apps: tuple[App, ...]
    why: str

    def covers(self, path: str) -> bool:
        """Whether a file lies inside an installed app."""
        return any(app.package and inside(path, app.package) for app in self.apps)


def inside(path: str, package: str) -> bool:
    """Whether a file lies in a package, given by its folder or, for a plain module, its file."""
    return path == package or path.startswith(package.rstrip("/") + "/")


def installed(project: Project, settings: str) -> Installed:
    """The apps that a settings module installs."""
    found = app_list(project, settings)
    apps = tuple(app for entry in found.entries if (app := _app(project, settings, entry)) is not None)
    why = found.why or next((app.why for app in apps if app.why), "")
    return Installed(apps, why)


def _app(project: Project, settings: str, entry: Entry) -> App | None:
    """One entry. One that is formed at run time is None if it cannot be first-party."""
    nothing = App(entry, "", None, "", None, "", False, "")
    if "*" in entry.text:
        head, _, _ = entry.text.partition("*")
        top = project[find_module, (settings, head.partition(".")[0])]
        third_party = "." in head and isinstance(top, Symbol) and top.kind == "external"
        return None if third_party else nothing._replace(why=f"`{entry.text}` is formed at run time")
    answer = project[find_module, (settings, entry.text)]
    if isinstance(answer, Symbol) and answer.kind == "module":
        return _package(project, nothing, answer)
    if isinstance(answer, Symbol):
        return nothing._replace(label=_contrib_label(entry.text), absent=_is_no_contrib(entry.text))
    return _class_entry(project, settings, nothing, answer)


def _contrib_label(text: str) -> str:
    """The label of one of Django's own apps; other third-party apps may call themselves anything."""
    parts = text.split(".")
    return parts[2] if parts[:2] == ["django", "contrib"] and len(parts) in (3, 5) else ""


def _is_no_contrib(text: str) -> bool:
    """Whether an entry means one of Django's own apps, and Django never had one of that name."""
    parts = text.split(".")
    return parts[:2] == ["django", "contrib"] and len(parts) > 2 and parts[2] not in _CONTRIB


def _class_entry(project: Project, settings: str, app: App, answer: Answer) -> App:
    """An entry such as `orders.apps.OrdersConfig`."""
    owner, _, name = app.entry.text.rpartition(".")
    module = project[find_module, (settings, owner)] if owner else Unknown("no module")
    if isinstance(module, Symbol) and module.kind == "module":
        found = project[lookup, (module.path, name)]
        if isinstance(found, Symbol) and found.kind == "class":
            return _configured(project, app, found, _folder(found.path))
        if isinstance(found, Absent) and module.path.endswith(".py"):
            return app._replace(absent=True)
        return app._replace(why=f"`{app.entry.text}` could not be followed")
    missing = isinstance(answer, Absent) and not isinstance(module, Unknown)
    return app._replace(absent=missing, why="" if missing else f"`{app.entry.text}` could not be followed")


def _folder(path: str) -> str:
    return path.rpartition("/")[0] + "/"


def _package(project: Project, app: App, module: Symbol) -> App:
    """An entry that is a package: its `apps` module may hold the class that Django takes."""
    path = module.path
    package = _folder(path) if path.endswith("/__init__.py") else path
    label = app.entry.text.rpartition(".")[2]
    if project[satisfied, (("django", "<3.2"),)]:
        # These take the class that the package itself names, and no other.
        named = project[variable, (path, "default_app_config")]
        if not isinstance(named, str):
            return app._replace(package=package, label=label)
        owner, _, name = named.rpartition(".")
        inner = project[find_module, (path, owner)]
        config = project[lookup, (inner.path, name)] if isinstance(inner, Symbol) and inner.path else None
        if isinstance(config, Symbol) and config.kind == "class":
            return _configured(project, app, config, package)
        return app._replace(package=package)
    beside = submodule(project, module, "apps")
    if beside is None:
        return app._replace(package=package, label=label)
    configs = _configs(project, beside)
    if configs is None:
        return app._replace(package=package)
    chosen = [c for c in configs if _default(project, c) is True]
    candidates = chosen or [c for c in configs if _default(project, c) is None]
    if len(candidates) == 1:
        return _configured(project, app, candidates[0], package)
    return app._replace(package=package, label=label)


def _configs(project: Project, module: Symbol) -> list[Symbol] | None:
    """The `AppConfig` classes of an `apps` module; None when it may hold others."""
    if not module.path.endswith(".py") or project.module(module.path) is None:
        return None
    found = []
    for name in project[classes_of, module.path]:
        symbol = Symbol("class", module.path, name)
        above = project[ancestry, symbol]
        if any(base.rpartition(".")[2].endswith(("AppConfig", "Config")) for base in above.external):
            found.append(symbol)
    return found


def _default(project: Project, config: Symbol) -> bool | None:
    """`default = True` or `False` on an `AppConfig`; None when it says neither."""
    facts = class_facts(project, config)
    value = _own(facts, "default")
    return value.value if isinstance(value, tree.Constant) and isinstance(value.value, bool) else None


def _own(facts: Class | None, name: str) -> tree.Node:
    found = [binding.value for binding in facts.fields if binding.name == name] if facts else []
    return found[-1] if found else None


def _configured(project: Project, app: App, config: Symbol, package: str) -> App:
    """An app whose class is known: the class says its name and label."""
    name, name_at = _text(project, config, "name")
    label, label_at = _text(project, config, "label")
    external = any(base not in APP_CONFIGS for base in project[ancestry, config].external)
    if name is None or (label_at is not None and label is None) or (external and label_at is None):
        return app._replace(package=package, config=config, name=name or "", name_at=name_at)
    where = project[find_module, (config.path, name)]
    if isinstance(where, Symbol) and where.kind == "module":
        package = _folder(where.path) if where.path.endswith("/__init__.py") else where.path
    label = label or name.rpartition(".")[2]
    return app._replace(package=package, config=config, name=name, name_at=name_at, label=label)


def _text(project: Project, config: Symbol, name: str) -> tuple[str | None, Location | None]:
    """A class attribute that is a literal string, and where it is bound."""
    for owner, binding in fields(project, config):
        if binding.name == name:
            value = binding.value
            text = value.value if isinstance(value, tree.Constant) and isinstance(value.value, str) else None
            return text, Location(owner.path, binding.at)
    return None, None


def app_folder(project: Project, path: str) -> str:
    """The folder of the app that a models file belongs to."""
    folder = path.rpartition("/")[0]
    above = folder
    while above:
        if any(project.exists(f"{above}/{name}") for name in ("apps.py", "migrations", "models.py", "models")):
            return above + "/"
        above = above.rpartition("/")[0]
    return folder + "/"


def dotted_from(project: Project, path: str, near: str) -> str:
    """The dotted name of a file, or of a folder that ends in `/`, as the file `near` would import it."""
    root = project[index].owners.get(near, "")
    inside_root = path.startswith(root + "/") if root else True
    if not inside_root:
        return module_name(project, path)
    inner = path[len(root) + 1 :] if root else path
    return inner.removesuffix(".py").removesuffix("/__init__").rstrip("/").replace("/", ".")
