"""The fields that a model class writes, and the columns that they become."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.backend.tables import Column
from cdlint.facts import tree
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts
from cdlint.rule import Location

from ._outside_models import LENGTHS, Brought
from ._url_runs import Runs
from ._url_values import Frame, Made, Object, Value, choices

RELATIONS = frozenset({"ForeignKey", "TreeForeignKey", "ParentalKey", "TranslationsForeignKey", "OneToOneField"})
ONE = frozenset({"OneToOneField", "AutoOneToOneField", "AnnoyingOneToOneField"})
MANY = frozenset({"ManyToManyField", "ParentalManyToManyField", "TreeManyToManyField", "SortedManyToManyField"})
HISTORY = "HistoricalRecords"
_NONE = frozenset({"GenericForeignKey", "GenericRelation", "CompositePrimaryKey", "TranslatedField", "ImageSpecField"})
_ELSEWHERE = ("django.forms.", "rest_framework.", "wtforms.", "marshmallow.", "django_filters.", "graphene")
_ELSEWHERE_PARTS = (".forms.", ".admin.", ".widgets.")


class Field(NamedTuple):
    """A field of a model. `kind`: `column`, `key` (a relation with a column), `many`, `history` or `none`."""

    name: str
    kind: str
    type: str
    kinds: tuple[str, ...]
    """The names of the classes that its class is of."""
    value: Made | Object | None
    brought: Brought | None
    owner: Symbol
    at: Location

    def option(self, *names: str) -> Value:
        """A keyword argument; None when it is not given."""
        return self.value.argument(-1, *names) if self.value is not None else None

    def flag(self, name: str, brought: str = "") -> bool:
        """Whether an argument is True."""
        if self.brought is not None:
            return (brought or name) in self.brought.flags
        return self.option(name) is True


def class_fields(world: Runs, symbol: Symbol) -> dict[str, Field | None]:
    """The fields that a class writes itself; None for what it sets to something else."""
    facts = class_facts(world.project, symbol)
    frame = Frame(symbol.path, symbol.name, None, True)
    found: dict[str, Field | None] = {}
    for binding in facts.fields if facts is not None else ():
        if binding.value_code is None or binding.kind != "assign":
            continue
        node = binding.value
        value = world.eval(frame, node) if isinstance(node, (tree.Call, tree.Constant, tree.Path)) else None
        if not isinstance(node, (tree.Call, tree.Constant, tree.Path)) and not isinstance(node, tree.Opaque):
            value = world.eval(frame, node)
        frame.env[binding.name] = value
        held = next((each for each, _ in choices(value) if isinstance(each, (Made, Object))), None)
        found[binding.name] = _field(world, binding.name, held, symbol, Location(symbol.path, binding.at))
    return found


def _field(world: Runs, name: str, value: Made | Object | None, owner: Symbol, at: Location) -> Field | None:
    if value is None:
        return None
    names = world.project[ancestry, value.cls].external if isinstance(value, Object) else (value.name,)
    if any(each.startswith(_ELSEWHERE) or any(part in each for part in _ELSEWHERE_PARTS) for each in names):
        return None
    lasts = tuple(each.rpartition(".")[2] for each in names)
    kind = _kind(lasts)
    own = value.cls.last if isinstance(value, Object) else lasts[0]
    return Field(name, kind, own, lasts, value, None, owner, at) if kind else None


def _kind(names: tuple[str, ...]) -> str:
    kinds = (("history", {HISTORY}), ("none", _NONE), ("many", MANY), ("key", RELATIONS | ONE))
    for kind, known in kinds:
        if any(name in known for name in names):
            return kind
    if any(name.endswith("ForeignKey") for name in names):
        return "key"
    if any(name.endswith("ManyToManyField") for name in names):
        return "many"
    return "column" if any(name.endswith("Field") for name in names) else ""


def brought_field(brought: Brought, owner: Symbol, at: Location) -> Field:
    """A field that an outside base brings."""
    return Field(brought.name, _kind((brought.type,)), brought.type, (brought.type,), None, brought, owner, at)


def is_key(field: Field) -> bool:
    """Whether a field is the primary key."""
    return field.flag("primary_key", "pk")


def column_name(field: Field) -> str:
    """The name of its column."""
    given = field.option("db_column")
    if isinstance(given, str):
        return given
    return f"{field.name}_id" if field.kind == "key" else field.name


def column(field: Field, fk: str | None, declared_in: Symbol | None) -> Column:
    """The column of a field."""
    key = is_key(field)
    one = any(kind in ONE for kind in field.kinds)
    unique = field.flag("unique") or key or one
    default = field.brought is None and (
        field.option("default", "db_default") is not None or field.option("auto_now", "auto_now_add") is True
    )
    automatic = any(kind in ("CreationDateTimeField", "ModificationDateTimeField") for kind in field.kinds)
    return Column(
        name=column_name(field),
        attr=field.name,
        type=field.type,
        nullable=not key and (field.flag("null") or "NullBooleanField" in field.kinds),
        primary_key=key,
        unique=unique,
        max_length=_length(field),
        fk=fk,
        has_default=default or field.flag("default") or automatic or field.option("auto_now_add") is True,
        index=_indexed(field, key),
        declared_in=declared_in,
        at=field.at,
    )


def _indexed(field: Field, key: bool) -> bool:
    given = field.option("db_index")
    if isinstance(given, bool) and field.brought is None:
        return given
    return field.kind == "key" or field.flag("db_index", "index") or ("SlugField" in field.kinds and not key)


def _length(field: Field) -> int | None:
    if field.brought is not None:
        return field.brought.max_length
    given = field.value.argument(3, "max_length") if field.value is not None and field.kind == "column" else None
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return next((LENGTHS[kind] for kind in (field.type, *field.kinds) if kind in LENGTHS), None)
