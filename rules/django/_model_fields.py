"""The fields of a model as serializers and forms look at them."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._models import MODEL_BASES

_PLAIN = frozenset({"django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"})
_MANY = frozenset({"ManyToManyField", "ParentalManyToManyField"})
RELATIONS = frozenset({"ForeignKey", "OneToOneField", "ParentalKey", "TreeForeignKey"}) | _MANY
"""The classes of fields that lead to other models."""
_AUTO = frozenset({"AutoField", "BigAutoField", "SmallAutoField"})
_NO_FIELDS = frozenset({"GenericForeignKey", "GenericRelation", "ImageSpecField"})


class ModelField(NamedTuple):
    """A field of a model. None means not known."""

    type: str
    null: bool | None
    blank: bool | None
    default: bool | None
    editable: bool
    many: bool
    owner: Symbol
    at: Location


class ModelFields(NamedTuple):
    """The fields of a model by name, its key first. `complete` says whether these are all."""

    fields: dict[str, ModelField]
    complete: bool


def model_fields(project: Project, symbol: Symbol) -> ModelFields:
    """The fields of a model of the repository, those of its bases included."""
    above = project[ancestry, symbol]
    found: dict[str, ModelField] = {}
    keyed = False
    for owner in reversed(above.first_party):
        facts = class_facts(project, owner)
        for binding in facts.fields if facts else ():
            call = binding.value if binding.kind == "assign" and binding.callee else None
            kind = _field_type(project, owner, call) if isinstance(call, tree.Call) else ""
            if kind and isinstance(call, tree.Call):
                found[binding.name] = _field(kind, call, owner, Location(owner.path, binding.at))
                keyed = keyed or _is(call, "primary_key")
            elif binding.name in found and binding.kind == "assign":
                del found[binding.name]
    for name, field in _from_table(project, symbol).items():
        found.setdefault(name, field)
    if not keyed and "id" not in found:
        facts = class_facts(project, symbol)
        at = Location(symbol.path, facts.at if facts else (0, 0, 0, 0))
        found = {"id": ModelField("AutoField", False, True, False, True, False, symbol, at), **found}
    known = all(name in _PLAIN | TRANSPARENT for name in above.external)
    return ModelFields(found, not above.unknown and (known or bool(_from_table(project, symbol))))


def _field_type(project: Project, owner: Symbol, call: tree.Call) -> str:
    """The class of a model field that a call makes, `""` when it makes none."""
    callee = evaluate(project, (owner.path, ""), call.func)
    if not isinstance(callee, Symbol) or callee.kind not in ("class", "external"):
        return ""
    outside = (callee.name,) if callee.kind == "external" else project[ancestry, callee].external
    if callee.last in _NO_FIELDS or callee.last.endswith(("Manager", "QuerySet", "Index")):
        return ""
    is_field = any(
        (name.startswith(("django.", "model_utils.")) and ".validators" not in name
        and name.endswith(("Field", "ForeignKey", "ForeignObject"))) or name.endswith("Field")
        for name in outside
    )  # fmt: skip
    return callee.last if is_field or callee.last in RELATIONS else ""


def _field(kind: str, call: tree.Call, owner: Symbol, at: Location) -> ModelField:
    automatic = kind in _AUTO or _is(call, "auto_now") or _is(call, "auto_now_add")
    editable = call.keyword("editable")
    many = kind in _MANY
    return ModelField(
        kind,
        _is(call, "null"),
        _is(call, "blank") or automatic,
        many or call.keyword("default") is not None or call.keyword("db_default") is not None,
        not (isinstance(editable, tree.Constant) and editable.value is False)
        and not automatic
        and call.keyword("through") is None,
        many,
        owner,
        at,
    )


def _is(call: tree.Call, name: str) -> bool:
    value = call.keyword(name)
    return isinstance(value, tree.Constant) and bool(value.value)


def _from_table(project: Project, symbol: Symbol) -> dict[str, ModelField]:
    """The fields that bases outside the repository bring, as far as a table knows them."""
    if _PLAIN.issuperset(project[ancestry, symbol].external) or MODEL_BASES.isdisjoint(
        project[ancestry, symbol].external
    ):
        return {}
    table = next((each for each in project[tables] if each.model == symbol and each.complete), None)
    return {
        column.attr: ModelField(
            column.type or "Field", column.nullable, None, column.has_default, True, False, symbol, column.at
        )
        for column in (table.columns if table else ())
    }
