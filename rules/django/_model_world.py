"""The model classes of a Django project: which there are, their apps, `Meta` options and bases."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown
from cdlint.project.classes import TRANSPARENT, ancestry, bases, class_facts, classes_of
from cdlint.project.installed import installed_class
from cdlint.project.modules import known_folders
from cdlint.project.names import lookup
from cdlint.project.outside import installed_name, is_installed
from cdlint.project.roots import index
from cdlint.rule import Location

from ._apps import App, app_folder, inside, installed
from ._columns import Field, brought_field, class_fields
from ._installed import is_known_model, model_ancestry
from ._models import type_only
from ._outside_models import outside_label, outside_model
from ._routes import root_urlconfs
from ._setting_values import setting_value
from ._settings import aside, running
from ._url_runs import Runs
from ._url_values import Frame, Value

_ROOTS = ("django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model")
ROOTS = frozenset({*_ROOTS, *[f"{name}()" for name in _ROOTS]})
"""`Model`, and what is annotated as one: a base that settings choose."""
_PARTS = ("django.db.models.", "django.db.backends", "django.contrib.postgres.")
_STEPS = 2_000_000


class Gathered(NamedTuple):
    """All that goes into the table of a model.

    `parents` are its concrete parents, a class of the repository or an outside `app_label.Model`.
    `unknown` are outside bases that may bring more.
    """

    fields: dict[str, Field | None]
    parents: tuple[Symbol | str, ...]
    unknown: tuple[str, ...]


class ModelWorld:
    """Answers about models, each worked out once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.settings = model_settings(project)
        self.world = Runs(project, self.settings)
        self.world.steps = _STEPS
        found = project[installed, self.settings] if self.settings else None
        self.apps = tuple(self.placed(app) for app in found.apps) if found is not None else ()
        self.complete = found is not None and not found.why
        self.own: dict[Symbol, dict[str, Field | None]] = {}
        self.metas: dict[Symbol, dict[str, Value]] = {}
        self.gathered: dict[Symbol, Gathered] = {}

    def placed(self, app: App) -> App:
        """An app whose package is a folder without `__init__.py`."""
        root = self.project[index].owners.get(self.settings, "")
        folder = "/".join(filter(None, (root, app.entry.text.replace(".", "/"))))
        if app.package or app.absent or folder not in self.project[known_folders]:
            return app
        return app._replace(package=folder + "/", label=app.label or app.entry.text.rpartition(".")[2])

    def fields(self, symbol: Symbol) -> dict[str, Field | None]:
        """The fields that a class writes itself."""
        if symbol not in self.own:
            self.own[symbol] = class_fields(self.world, symbol)
        return self.own[symbol]

    def is_model(self, symbol: Symbol) -> bool:
        """Whether a class of the repository is a model, as far as its bases say."""
        if symbol.name in self.project[type_only, symbol.path]:
            return False
        above = self.project[model_ancestry, symbol]
        return any(name in ROOTS or (outside_model(name) is not None and _is_models(name)) for name in above.external)

    def may_be_model(self, symbol: Symbol) -> bool:
        """Whether a class on an outside base that is not known looks like a model by its fields."""
        above = self.project[model_ancestry, symbol]
        if not any(_is_models(name) and not name.startswith(_PARTS) for name in above.external):
            return False
        return any(
            field is not None and any(".db." in name for name in _origins(self.project, field))
            for owner in above.first_party
            for field in self.fields(owner).values()
        )

    # Meta

    def own_meta(self, symbol: Symbol) -> dict[str, Value] | None:
        """What the `Meta` of the class itself says, that of its bases included; None when it has none."""
        inner = Symbol("class", symbol.path, f"{symbol.name}.Meta")
        if inner.name not in self.project[classes_of, symbol.path]:
            return None
        found: dict[str, Value] = {}
        own = self.project[ancestry, inner].first_party
        for owner in reversed(own):
            facts = class_facts(self.project, owner)
            frame = Frame(owner.path, owner.name, None, True)
            for binding in facts.fields if facts is not None else ():
                if binding.name == "abstract" and owner != inner:
                    continue
                if binding.name in ("abstract", "proxy", "app_label", "db_table", "swappable", "managed"):
                    found[binding.name] = self.world.eval(frame, binding.value)
        return found

    def meta(self, symbol: Symbol) -> dict[str, Value]:
        """The options of a model: its own, else those of its nearest abstract base."""
        if symbol not in self.metas:
            own = self.own_meta(symbol)
            if own is None:
                own = {}
                for base in self.project[model_ancestry, symbol].first_party[1:]:
                    above = self.own_meta(base)
                    if above is not None and above.get("abstract") is True:
                        own = {key: value for key, value in above.items() if key not in ("abstract", "proxy")}
                        break
            self.metas[symbol] = own
        return self.metas[symbol]

    def abstract(self, symbol: Symbol) -> bool:
        """Whether a model has no table because it is a base."""
        return self.meta(symbol).get("abstract") is True

    def proxy(self, symbol: Symbol) -> bool:
        """Whether a model shares the table of its parent."""
        return self.meta(symbol).get("proxy") is True

    # Apps

    def app(self, path: str) -> App | None:
        """The installed app that a file belongs to: the innermost one."""
        covering = [app for app in self.apps if app.package and inside(path, app.package)]
        return max(covering, key=lambda app: len(app.package), default=None)

    def label(self, symbol: Symbol) -> str:
        """The label of the app that a model belongs to."""
        given = self.meta(symbol).get("app_label")
        if isinstance(given, str):
            return given
        app = self.app(symbol.path)
        if app is not None and app.label:
            return app.label
        return app_folder(self.project, symbol.path).rstrip("/").rpartition("/")[2] or symbol.path.removesuffix(".py")

    def loaded(self, symbol: Symbol) -> bool:
        """Whether the model's app is installed, as far as that is known."""
        if self.app(symbol.path) is not None or isinstance(self.meta(symbol).get("app_label"), str):
            return self.app(symbol.path) is not None or not aside(symbol.path)
        return not self.complete and not aside(symbol.path)

    def auto_field(self, symbol: Symbol) -> str:
        """The type of the implicit key."""
        app = self.app(symbol.path)
        given: Value = None
        if app is not None and app.config is not None:
            given = self.world.class_field(app.config, "default_auto_field")
        if not isinstance(given, str):
            given = setting_value(self.project, self.settings, "DEFAULT_AUTO_FIELD")
        return given.rpartition(".")[2] if isinstance(given, str) else "AutoField"

    def swapped(self, symbol: Symbol) -> bool:
        """Whether settings put another model in its place."""
        setting = self.meta(symbol).get("swappable")
        chosen = setting_value(self.project, self.settings, setting) if isinstance(setting, str) else None
        return isinstance(chosen, str) and chosen.lower() != f"{self.label(symbol)}.{symbol.last}".lower()

    def user_model(self) -> str:
        """`AUTH_USER_MODEL`."""
        found = setting_value(self.project, self.settings, "AUTH_USER_MODEL")
        return found if isinstance(found, str) else "auth.User"

    # Bases

    def gather(self, symbol: Symbol) -> Gathered:
        """The fields of a model with those of its abstract bases, nearest first, and its concrete parents."""
        if symbol not in self.gathered:
            fields: dict[str, Field | None] = {}
            parents: dict[Symbol | str, None] = {}
            unknown: dict[str, None] = {}
            self._collect(symbol, symbol, fields, parents, unknown, 0)
            self.gathered[symbol] = Gathered(fields, tuple(parents), tuple(unknown))
        return self.gathered[symbol]

    def _collect(
        self,
        symbol: Symbol,
        start: Symbol,
        fields: dict[str, Field | None],
        parents: dict[Symbol | str, None],
        unknown: dict[str, None],
        depth: int,
    ) -> None:
        for name, field in self.fields(symbol).items():
            fields.setdefault(name, self.at_home(field, start))
        for each in self.project[bases, symbol] if depth < 30 else ():
            base = self.read(each)
            if isinstance(base, Symbol) and base.kind == "class":
                if self.is_model(base) or self.may_be_model(base):
                    if self.abstract(base):
                        self._collect(base, start, fields, parents, unknown, depth + 1)
                    else:
                        above = self.concrete(base)
                        parents[self.named_outside(above)] = None
                elif not isinstance(base, Unknown):
                    self._mixin(base, fields, parents, unknown)
            elif isinstance(base, Symbol):
                self._outside(base.name, start, fields, parents, unknown)
            else:
                unknown[getattr(base, "why", "a base that does not exist")] = None

    def read(self, base: Answer) -> Answer:
        """A base, as the class of an installed package where that may be read and nothing else is known of it."""
        if isinstance(base, Symbol) and base.kind == "external" and not is_known_model(base.name):
            found = self.project[installed_class, base.name]
            return found if isinstance(found, Symbol) else base
        return base

    def at_home(self, field: Field | None, start: Symbol) -> Field | None:
        """A field of an installed package at the line of the model that takes it."""
        if field is None or not is_installed(field.owner.path) or is_installed(start.path):
            return field
        facts = class_facts(self.project, start)
        at = Location(start.path, facts.at if facts is not None else (1, 0, 1, 0))
        return field._replace(owner=Symbol("external", "", installed_name(field.owner)), at=at)

    def named_outside(self, model: Symbol | str) -> Symbol | str:
        """A model; one of an installed package by its label."""
        if isinstance(model, Symbol) and is_installed(model.path):
            return outside_label(installed_name(model))
        return model

    def _mixin(
        self,
        symbol: Symbol,
        fields: dict[str, Field | None],
        parents: dict[Symbol | str, None],
        unknown: dict[str, None],
    ) -> None:
        """A plain class: Django makes no columns of its fields, but what it sets hides those further up."""
        facts = class_facts(self.project, symbol)
        for name in facts.methods if facts is not None else ():
            fields.setdefault(name, None)

    def _outside(
        self,
        dotted: str,
        symbol: Symbol,
        fields: dict[str, Field | None],
        parents: dict[Symbol | str, None],
        unknown: dict[str, None],
    ) -> None:
        if dotted in TRANSPARENT or dotted in ROOTS or dotted.startswith(("builtins.", "typing.", "abc.")):
            return
        known = outside_model(dotted)
        if known is None:
            unknown[f"what `{dotted}` brings is not known"] = None
            return
        facts = class_facts(self.project, symbol)
        at = Location(symbol.path, facts.at if facts is not None else (1, 0, 1, 0))
        for brought in known.fields:
            fields.setdefault(brought.name, brought_field(brought, Symbol("external", "", dotted), at))
        if known.concrete:
            parents[known.concrete] = None

    def concrete(self, symbol: Symbol) -> Symbol | str:
        """The model whose table a model has: of a proxy that of its parent."""
        seen = 0
        found: Symbol | str = symbol
        while isinstance(found, Symbol) and self.proxy(found) and seen < 20:
            above = self.gather(found).parents
            if not above:
                break
            found, seen = above[0], seen + 1
        return found

    def meant(self, path: str, name: str) -> Value:
        """What a name of a module is."""
        return self.project[lookup, (path, name)]


def _is_models(dotted: str) -> bool:
    """Whether an outside name is one of a models module, not of a view or serializer that is named alike."""
    *parts, last = dotted.split(".")
    if parts and parts[-1].endswith("models") and parts[:2] != ["django", "forms"]:
        return True
    if any(part in ("forms", "views", "serializers", "admin", "viewsets", "filters") for part in parts):
        return False
    return any(part.endswith("models") for part in parts) or last.startswith("Abstract") or last.endswith("Model")


def _origins(project: Project, field: Field) -> tuple[str, ...]:
    value = field.value
    if value is None:
        return ("django.db.",)
    cls = getattr(value, "cls", None)
    return project[ancestry, cls].external if cls is not None else (getattr(value, "name", ""),)


def model_settings(project: Project) -> str:
    """The settings module whose apps count: that of the root URLconf, else any that runs the project."""
    roots = [root.settings for root in project[root_urlconfs] if root.settings]
    return roots[0] if roots else next((each.path for each in project[running].modules), "")
