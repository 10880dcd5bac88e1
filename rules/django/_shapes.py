"""The fields of Django REST framework's serializers and of Django's forms."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.backend.shapes import Shape, ShapeField, UnknownShape, shapes, unknown_shapes
from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, function_facts, resolve_in
from cdlint.project.inner import names, option
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._model_fields import RELATIONS, ModelField, ModelFields, model_fields


class _Family(NamedTuple):
    """Serializers or forms: their bases, those that take fields from a model, and where field classes are."""

    kind: str
    plain: frozenset[str]
    automatic: frozenset[str]
    fields: tuple[str, ...]
    other: re.Pattern[str]
    """Classes of packages that are of the family, whose fields are not known."""


def _spelled(modules: tuple[str, ...], *classes: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module in modules for name in classes)


_SERIALIZERS = _Family(
    "serializer",
    _spelled(("rest_framework.serializers",), "Serializer", "BaseSerializer", "ListSerializer"),
    _spelled(("rest_framework.serializers",), "ModelSerializer", "HyperlinkedModelSerializer")
    | {"rest_framework_gis.serializers.GeoFeatureModelSerializer"},
    ("rest_framework.serializers.", "rest_framework.fields.", "rest_framework.relations.", "drf_extra_fields.",
     "rest_framework_gis.", "taggit.serializers.", "django_countries.", "phonenumber_field."),
    re.compile(r"(?!marshmallow).+\.serializers\.\w*Serializer"),
)  # fmt: skip
_FORMS = _Family(
    "form",
    _spelled(("django.forms", "django.forms.forms"), "Form", "BaseForm"),
    _spelled(("django.forms", "django.forms.models"), "ModelForm", "BaseModelForm"),
    ("django.forms.", "django.contrib."),
    re.compile(r"(?:django\.contrib|allauth|wagtail|oscar|registration)\..*\bforms\.(?:\w+\.)*\w*Form"),
)
_NO_FIELDS = ("Form", "FormSet", "Widget", "Input", "Media", "Validator", "Select", "Textarea")
_READ_ONLY = frozenset({"SerializerMethodField", "ReadOnlyField", "StringRelatedField", "HyperlinkedIdentityField"})


@provides(shapes)
def django_shapes(project: Project) -> tuple[Shape, ...]:
    """All serializers and forms with their own, inherited and automatic fields."""
    return tuple(project[shape_of, symbol] for path in project.paths for symbol in project[_shaped_in, path])


def _shaped_in(project: Project, path: str) -> tuple[Symbol, ...]:
    module = project.module(path)
    based = (Symbol("class", path, facts.qualname) for facts in (module.classes if module else ()) if facts.base_codes)
    return tuple(symbol for symbol in based if _family(project, symbol) is not None)


@provides(unknown_shapes)
def unknown_django_shapes(project: Project) -> tuple[UnknownShape, ...]:
    """The serializers and forms that have fields which could not be told."""
    return tuple(
        UnknownShape(
            each.at,
            f"the fields of `{each.name.name}`",
            "its base, `Meta` or model is not all known, or it changes them as it runs",
        )
        for each in project[django_shapes]
        if not each.complete
    )


def _family(project: Project, symbol: Symbol) -> _Family | None:
    external = project[ancestry, symbol].external
    for each in (_SERIALIZERS, _FORMS):
        if not (each.plain | each.automatic).isdisjoint(external) or any(map(each.other.fullmatch, external)):
            return each
    return None


def form_of(project: Project, symbol: Symbol) -> Shape | None:
    """A class as a form; None when it is none."""
    return project[shape_of, symbol] if _family(project, symbol) is _FORMS else None


def shape_of(project: Project, symbol: Symbol) -> Shape:
    """One serializer or form."""
    family = _family(project, symbol) or _SERIALIZERS
    above = project[ancestry, symbol]
    known = TRANSPARENT | family.plain | family.automatic
    declared = _declared(project, symbol, family)
    complete = not above.unknown and all(name in known for name in above.external)
    complete = complete and not any(_changes_fields(project, owner) for owner in above.first_party)
    facts = class_facts(project, symbol)
    at = Location(symbol.path, facts.at if facts else (0, 0, 0, 0))
    if not family.automatic.isdisjoint(above.external):
        about = _model(project, symbol)
        inside = about is not None and about.kind == "class"
        of_model = project[model_fields, about] if about and inside else ModelFields({}, False)
        fields, whole = _automatic(project, symbol, family, declared, of_model, at)
        # A base serializer without a model is completed by its subclasses.
        complete = complete and (whole or option(project, symbol, "Meta", "model") is None)
    else:
        fields = tuple(declared.values())
    return Shape(symbol, family.kind, fields, complete, at)


def _model(project: Project, symbol: Symbol) -> Symbol | None:
    """The model that a serializer or form is about, None when it is not known."""
    found = option(project, symbol, "Meta", "model")
    if found is None or not isinstance(found[1], tree.Path):
        return None
    answer = resolve_in(project, found[0].path, "", found[1].text)
    return answer if isinstance(answer, Symbol) and answer.kind in ("class", "external") else None


def _changes_fields(project: Project, owner: Symbol) -> bool:
    """Whether instances of a class add or remove fields when they are made."""
    for name in ("__init__", "get_fields"):
        function = function_facts(project, Symbol("function", owner.path, f"{owner.name}.{name}"))
        if function is None:
            continue
        if name == "get_fields" or any(call.endswith(("fields.pop", "fields.update")) for call in function.calls):
            return True
        if function.mentions("self.fields"):
            for node in function.nodes:
                targets = node.targets if isinstance(node, (tree.Assign, tree.Delete)) else ()
                if any(isinstance(each, tree.Subscript) and _is_fields(each.value) for each in targets):
                    return True
    return False


def _is_fields(node: Node) -> bool:
    return isinstance(node, tree.Path) and node.text == "self.fields"


def _declared(project: Project, symbol: Symbol, family: _Family) -> dict[str, ShapeField]:
    """The fields that class bodies assign, those of bases first; `name = None` removes one."""
    found: dict[str, ShapeField] = {}
    for owner in reversed(project[ancestry, symbol].first_party):
        facts = class_facts(project, owner)
        for binding in facts.fields if facts else ():
            field = _field(project, owner, binding, family)
            if field is not None:
                found[binding.name] = replace(field, declared_in=None if owner == symbol else owner)
            elif binding.kind == "assign":
                found.pop(binding.name, None)
    return found


def _field(project: Project, owner: Symbol, binding: Binding, family: _Family) -> ShapeField | None:
    call = binding.value if binding.callee else None
    if not isinstance(call, tree.Call):
        return None
    callee = evaluate(project, (owner.path, ""), call.func)
    if not isinstance(callee, Symbol) or callee.kind not in ("class", "external"):
        return None
    outside = (callee.name,) if callee.kind == "external" else project[ancestry, callee].external
    nested = family is _SERIALIZERS and callee.kind == "class" and _family(project, callee) is _SERIALIZERS
    if not nested and not any(name.startswith(family.fields) and not name.endswith(_NO_FIELDS) for name in outside):
        return None
    at = Location(owner.path, binding.at)
    kind = f"list[{callee.last}]" if nested and _flag(call, "many") else callee.last
    if family is _FORMS:
        required = _flag(call, "required", True)
        optional = None if required is None else not required
        return ShapeField(binding.name, kind, required, optional, None, _flag(call, "disabled"), False, None, at)
    methods = {callee.last, *(name.rpartition(".")[2] for name in outside)}
    read_only = True if methods & _READ_ONLY else _flag(call, "read_only")
    write_only = True if "HiddenField" in methods else _flag(call, "write_only")
    required = _flag(call, "required", None if read_only is None else not read_only and not _has_default(call))
    if "HiddenField" in methods:
        required = False
    return ShapeField(binding.name, kind, required, _flag(call, "allow_null"), None, read_only, write_only, None, at)


def _has_default(call: tree.Call) -> bool:
    return call.keyword("default") is not None


def _flag(call: tree.Call, name: str, absent: bool | None = False) -> bool | None:
    value = call.keyword(name)
    if value is None:
        return None if any(keyword.name is None for keyword in call.keywords) else absent
    return bool(value.value) if isinstance(value, tree.Constant) else None


def _automatic(
    project: Project,
    symbol: Symbol,
    family: _Family,
    declared: dict[str, ShapeField],
    of_model: ModelFields,
    at: Location,
) -> tuple[tuple[ShapeField, ...], bool]:
    """The fields that `Meta` chooses, and whether these are all."""
    fields, exclude = names(project, symbol, "Meta", "fields"), names(project, symbol, "Meta", "exclude")
    if fields is None or exclude is None:
        return tuple(declared.values()), False
    usable = {name: each for name, each in of_model.fields.items() if family is _SERIALIZERS or _in_forms(each)}
    listed = fields if isinstance(fields, tuple) and fields else None
    if listed is not None:
        wanted = [*listed, *(name for name in declared if family is _FORMS)]
    elif family is _SERIALIZERS:
        wanted = [*list(usable)[:1], *declared, *usable]
    else:
        wanted = [*usable, *declared]
    left_out = exclude if isinstance(exclude, tuple) else (exclude,)
    found = []
    for name in dict.fromkeys(wanted):
        if name in declared:
            found.append(declared[name])
        elif name not in left_out or listed is not None:
            found.append(_of_model(family, name, of_model, at))
    adjusted = tuple(_adjusted(project, symbol, each) for each in found) if family is _SERIALIZERS else tuple(found)
    return adjusted, of_model.complete or listed is not None


def _of_model(family: _Family, name: str, of_model: ModelFields, at: Location) -> ShapeField:
    """A field that comes from the model; what is no field of it is a property and only returned."""
    each = of_model.fields.get("id" if name == "pk" else name)
    if each is None:
        read_only = True if of_model.complete and family is _SERIALIZERS else None
        return ShapeField(name, None, False if read_only else None, None, None, read_only, False, None, at)
    read_only = not each.editable or each.type.endswith("AutoField")
    required = _required(family, each) if not read_only else False
    nullable = each.null if family is _SERIALIZERS else None if required is None else not required
    return ShapeField(name, each.type, required, nullable, None, read_only, False, each.owner, each.at)


def _in_forms(field: ModelField) -> bool:
    return field.editable and not field.type.endswith("AutoField")


def _required(family: _Family, field: ModelField) -> bool | None:
    if family is _FORMS:
        # A box that is not ticked sends nothing.
        boolean = field.type in ("BooleanField", "NullBooleanField")
        return False if boolean else None if field.blank is None else not field.blank
    if field.many:
        return not field.blank
    optional = (field.default, field.blank, field.null)
    return False if any(optional) else None if None in optional else True


def _adjusted(project: Project, symbol: Symbol, field: ShapeField) -> ShapeField:
    """The field with what `read_only_fields` and `extra_kwargs` say of it; a declared field ignores both."""
    if field.at.path == symbol.path and _is_declared(project, symbol, field.name):
        return field
    depth = option(project, symbol, "Meta", "depth")
    if depth is not None and field.type in RELATIONS:
        field = replace(field, read_only=True, required=False)
    fixed = names(project, symbol, "Meta", "read_only_fields")
    if isinstance(fixed, tuple) and field.name in fixed:
        field = replace(field, read_only=True, required=False)
    found = option(project, symbol, "Meta", "extra_kwargs")
    for key, value in found[1].items if found and isinstance(found[1], tree.Mapping) else ():
        if isinstance(key, tree.Constant) and key.value == field.name and isinstance(value, tree.Mapping):
            field = _with(field, {k.value: v for k, v in value.items if isinstance(k, tree.Constant)})
    return field


def _is_declared(project: Project, symbol: Symbol, name: str) -> bool:
    return name in _declared(project, symbol, _SERIALIZERS)


def _with(field: ShapeField, given: dict[object, Node]) -> ShapeField:
    """The field with the arguments of `extra_kwargs`."""
    values = {name: node.value for name, node in given.items() if isinstance(node, tree.Constant)}
    if values.get("read_only"):
        return replace(field, read_only=True, required=False)
    if values.get("write_only"):
        field = replace(field, write_only=True)
    if "default" in given:
        field = replace(field, required=False)
    if isinstance(values.get("required"), bool):
        field = replace(field, required=values["required"])
    return replace(field, nullable=True) if values.get("allow_null") else field
