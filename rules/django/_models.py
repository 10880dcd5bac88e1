"""The model classes of the repository that have a table of their own to name."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, classes_of
from cdlint.project.object_tests import fixed
from cdlint.rule import Location

MODEL_BASES = frozenset(
    [
        "django.db.models.Model",
        "django.db.models.base.Model",
        "django.contrib.gis.db.models.Model",
        "django.contrib.auth.models.AbstractUser",
        "django.contrib.auth.models.AbstractBaseUser",
        "django.contrib.auth.base_user.AbstractBaseUser",
        "django.contrib.auth.models.User",
        "django.contrib.auth.models.Group",
        "django.contrib.auth.models.Permission",
        "django.contrib.sessions.base_session.AbstractBaseSession",
        "model_utils.models.TimeStampedModel",
        "model_utils.models.StatusModel",
        "model_utils.models.UUIDModel",
        "django_extensions.db.models.TimeStampedModel",
        "django_extensions.db.models.ActivatorModel",
        "mptt.models.MPTTModel",
        "polymorphic.models.PolymorphicModel",
        "treebeard.mp_tree.MP_Node",
        "treebeard.ns_tree.NS_Node",
        "treebeard.al_tree.AL_Node",
        "parler.models.TranslatableModel",
        "wagtail.models.Page",
        "solo.models.SingletonModel",
        "ordered_model.models.OrderedModel",
    ]
)
"""`Model` and the models that packages offer to build on."""


class Model(NamedTuple):
    """A model class that is not abstract. `labelled`: it may say its app itself, in `Meta.app_label`."""

    symbol: Symbol
    at: Location
    labelled: bool


def models_of(project: Project, path: str) -> tuple[Model, ...]:
    """The concrete models that a module defines whenever it is imported."""
    module = project.module(path)
    found = []
    for facts in module.classes if module else ():
        if facts.parent or facts.conditional or not facts.base_codes:
            continue
        symbol = Symbol("class", path, facts.qualname)
        if not MODEL_BASES.isdisjoint(project[ancestry, symbol].external) and not _abstract(project, symbol):
            found.append(Model(symbol, Location(path, facts.at), _labelled(project, symbol)))
    return tuple(found)


def type_only(project: Project, path: str) -> frozenset[str]:
    """The classes of a module that only type checkers see."""
    module = project.module(path)
    if module is None or not module.main.mentions("TYPE_CHECKING"):
        return frozenset()
    guarded = (node for node in module.main.body if isinstance(node, tree.If) and fixed(node.test) is False)
    refs = {each.ref for node in guarded for each in tree.walk(*node.body) if isinstance(each, tree.ClassDef)}
    real = {each.qualname for index, each in enumerate(module.classes) if index not in refs}
    return frozenset(module.classes[ref].qualname for ref in refs) - real


def _meta(project: Project, symbol: Symbol) -> tuple[Binding, ...] | None:
    """The fields of a class's own `Meta`, None when it has none."""
    meta = project[classes_of, symbol.path].get(f"{symbol.name}.Meta")
    return meta.fields if meta is not None else None


def _abstract(project: Project, symbol: Symbol) -> bool:
    """Whether the class says `abstract`; anything but a literal False may be true."""
    for field in _meta(project, symbol) or ():
        if field.name == "abstract":
            value = field.value
            return not (isinstance(value, tree.Constant) and value.value is False)
    facts = class_facts(project, symbol)
    return any(field.name == "Meta" and field.kind == "assign" for field in facts.fields) if facts else True


def _labelled(project: Project, symbol: Symbol) -> bool:
    """Whether the class, or an ancestor whose `Meta` it may inherit, names its app."""
    above = project[ancestry, symbol]
    metas = [field for owner in above.first_party for field in _meta(project, owner) or ()]
    if any(field.name == "app_label" for field in metas) or above.unknown:
        return True
    own = Symbol("class", symbol.path, f"{symbol.name}.Meta")
    bases = [class_facts(project, owner) for owner in project[ancestry, own].first_party]
    return any(field.name == "app_label" for facts in bases if facts for field in facts.fields)
