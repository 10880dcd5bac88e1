"""The fields of marshmallow schemas, those that an automatic schema takes from its model's table included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cdlint.backend.collected import provides
from cdlint.backend.shapes import Shape, ShapeField, UnknownShape, shapes, unknown_shapes
from cdlint.backend.tables import Table, tables
from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, resolve_in
from cdlint.project.constants import fold
from cdlint.project.inner import names, option
from cdlint.project.values import Scope, evaluate
from cdlint.project.versions import satisfied
from cdlint.rule import Location

_PLAIN = frozenset(
    {"marshmallow.Schema", "marshmallow.schema.Schema", "flask_marshmallow.Marshmallow().Schema",
     "flask_marshmallow.Schema", "flask_smorest.Schema", "marshmallow_sqlalchemy.SQLAlchemySchema",
     "flask_marshmallow.Marshmallow().SQLAlchemySchema"}
)  # fmt: skip
_AUTOMATIC = frozenset(
    {"marshmallow_sqlalchemy.SQLAlchemyAutoSchema", "flask_marshmallow.Marshmallow().SQLAlchemyAutoSchema",
     "marshmallow_sqlalchemy.ModelSchema", "flask_marshmallow.Marshmallow().ModelSchema"}
)  # fmt: skip
_MODULES = ("marshmallow.fields.", "marshmallow_sqlalchemy.", "flask_marshmallow.", "webargs.fields.",
            "marshmallow_enum.", "marshmallow_oneofschema.")  # fmt: skip


@provides(shapes)
def marshmallow_shapes(project: Project) -> tuple[Shape, ...]:
    """All schemas with their own, inherited and automatic fields."""
    return tuple(project[shape_of, symbol] for path in project.paths for symbol in project[_schemas_in, path])


def _schemas_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    based = (Symbol("class", path, facts.qualname) for facts in (module.classes if module else ()) if facts.base_codes)
    return tuple(each for each in based if not (_PLAIN | _AUTOMATIC).isdisjoint(project[ancestry, each].external))


def schemas(project: Project) -> frozenset[Symbol]:
    """The schema classes."""
    return frozenset(symbol for path in project.paths for symbol in project[_schemas_in, path])


def is_automatic(project: Project, symbol: Symbol) -> bool:
    """Whether a schema takes fields from a model, and may load instances of it."""
    return not _AUTOMATIC.isdisjoint(project[ancestry, symbol].external)


@provides(unknown_shapes)
def unknown_schemas(project: Project) -> tuple[UnknownShape, ...]:
    """The automatic schemas whose model's columns are not all known."""
    return tuple(
        UnknownShape(each.at, f"the fields of `{each.name.name}`", "its base or its model's columns are not all known")
        for each in project[marshmallow_shapes]
        if not each.complete
    )


def shape_of(project: Project, symbol: Symbol) -> Shape:
    """One schema."""
    above = project[ancestry, symbol]
    complete = not above.unknown and all(name in TRANSPARENT | _PLAIN | _AUTOMATIC for name in above.external)
    found: dict[str, ShapeField] = {}
    if not _AUTOMATIC.isdisjoint(above.external):
        table = _table(project, symbol)
        complete = complete and table is not None and table.complete
        found.update(_automatic(project, symbol, table))
    for owner in reversed(above.first_party):
        facts = class_facts(project, owner)
        for binding in facts.fields if facts else ():
            field = _field(project, owner, binding, found.get(binding.name))
            if field is not None:
                found[binding.name] = replace(field, declared_in=None if owner == symbol else owner)
            elif binding.name in found and binding.kind == "assign":
                del found[binding.name]
    kept, whole = _kept(project, symbol, found)
    facts = class_facts(project, symbol)
    return Shape(
        symbol, "marshmallow", kept, complete and whole, Location(symbol.path, facts.at if facts else (0, 0, 0, 0))
    )


def _field(project: Project, owner: Symbol, binding: Binding, automatic: ShapeField | None) -> ShapeField | None:
    """The field that a class body assigns, None when it is something else."""
    call = binding.value if binding.callee else None
    if not isinstance(call, tree.Call):
        return None
    scope = (owner.path, owner.name)
    kind = _field_type(project, scope, call)
    if not kind:
        return None
    at = Location(owner.path, binding.at)
    if kind == "auto_field" and automatic is not None:
        return replace(automatic, at=at)
    old = bool(project[satisfied, (("marshmallow", "<3"),)])
    default = call.keyword("load_default") or call.keyword("missing")
    required = _flag(call, "required")
    allows = call.keyword("allow_none")
    nullable = isinstance(default, tree.Constant) and default.value is None if allows is None else _truth(allows)
    alias = call.keyword("load_from" if old else "data_key")
    name = fold(project, (owner.path, ""), alias) if alias is not None else None
    return ShapeField(
        binding.name, _typed(kind, call), required, nullable, name if isinstance(name, str) else None,
        _flag(call, "dump_only"), _flag(call, "load_only"), None, at,
    )  # fmt: skip


def _field_type(project: Project, scope: Scope, call: tree.Call) -> str:
    """The class of a field that a call makes, `""` when it makes none."""
    callee = evaluate(project, (scope[0], ""), call.func)
    if not isinstance(callee, Symbol):
        return ""
    if callee.kind == "external":
        return callee.last if callee.name.startswith(_MODULES) else ""
    if callee.kind == "class" and any(name.startswith(_MODULES) for name in project[ancestry, callee].external):
        return callee.last
    return ""


def _typed(kind: str, call: tree.Call) -> str:
    """`Nested` and `List` with what they hold."""
    inner = call.args[0] if call.args else None
    if kind in ("Nested", "Pluck", "List") and inner is not None:
        while isinstance(inner, (tree.Call, tree.Lambda)):
            inner = inner.func if isinstance(inner, tree.Call) else inner.body
        held = inner.value if isinstance(inner, tree.Constant) else getattr(inner, "last", "...")
        return f"{kind}[{held}]"
    return kind


def _flag(call: tree.Call, name: str) -> bool | None:
    value = call.keyword(name)
    return False if value is None else _truth(value)


def _truth(node: Node) -> bool | None:
    return bool(node.value) if isinstance(node, tree.Constant) else None


# Meta


def _kept(project: Project, symbol: Symbol, found: dict[str, ShapeField]) -> tuple[tuple[ShapeField, ...], bool]:
    """The fields that `Meta` leaves, and whether it says so in a way that can be read."""
    options = {name: names(project, symbol, "Meta", name) for name in _OPTIONS}
    whole = all(value is not None for value in options.values())
    fields, exclude = options["fields"] or (), options["exclude"] or ()
    wanted = [*(fields or found), *(options["additional"] or ())]
    facts = class_facts(project, symbol)
    at = Location(symbol.path, facts.at if facts else (0, 0, 0, 0))
    kept = []
    for name in dict.fromkeys(wanted):
        field = found.get(name, ShapeField(name, None, False, None, None, False, False, None, at))
        if name in (options["dump_only"] or ()):
            field = replace(field, read_only=True)
        if name in (options["load_only"] or ()):
            field = replace(field, write_only=True)
        if name not in exclude:
            kept.append(field)
    return tuple(kept), whole


_OPTIONS = ("fields", "exclude", "additional", "dump_only", "load_only")


def _table(project: Project, symbol: Symbol) -> Table | None:
    found = option(project, symbol, "Meta", "model")
    if found is None or not isinstance(found[1], tree.Path):
        return None
    model = resolve_in(project, found[0].path, "", found[1].text)
    return next((table for table in project[tables] if table.model == model), None)


def _automatic(project: Project, symbol: Symbol, table: Table | None) -> Iterator[tuple[str, ShapeField]]:
    """The columns of the model: without foreign keys unless `Meta` wants them."""
    wanted = option(project, symbol, "Meta", "include_fk")
    keys = wanted is not None and _truth(wanted[1]) is True
    for column in table.columns if table else ():
        if column.fk and not keys:
            continue
        needed = (
            None
            if column.nullable is None or column.has_default is None
            else not (column.nullable or column.has_default or column.primary_key)
        )
        yield column.attr, ShapeField(
            column.attr, column.type, needed, column.nullable, None, False, False, table.model if table else None,
            column.at,
        )  # fmt: skip
