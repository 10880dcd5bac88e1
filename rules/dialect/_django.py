"""Fields and lookups of Django models that only some databases have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.stack import databases, unknown_databases
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, classes_of, fields, functions_of, inherits, resolve_in
from cdlint.project.places import is_aside

_MODEL = frozenset({"django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"})
_LACKING = ("sqlite", "oracle")
"""Databases where JSON cannot be asked what it contains."""
_POSTGRES = frozenset(
    {
        "ArrayField", "HStoreField", "SearchVectorField", "IntegerRangeField", "BigIntegerRangeField",
        "DecimalRangeField", "DateTimeRangeField", "DateRangeField",
    }
)  # fmt: skip
_SUFFIXES = ("__contains", "__contained_by")
_ASKING = frozenset(
    {"filter", "exclude", "get", "aget", "Q", "When", "get_object_or_404", "get_list_or_404", "get_or_create", "dict"}
)


class Asked(NamedTuple):
    """A lookup that the database does not have. `name` is what the code writes, `field` where the field is."""

    name: str
    field: str
    declared: tuple[str, At]
    at: At


class Place(NamedTuple):
    """A function of a file."""

    path: str
    qualname: str


def engine(project: Project) -> str:
    """The one database that all settings name, without a choice left to the environment; `""` for more than one."""
    if project[unknown_databases]:
        return ""
    found = [each for each in project[databases] if not is_aside(each.at.path)]
    names = {each.name for each in found}
    return names.pop() if len(names) == 1 and not any(each.default for each in found) else ""


def json_fields(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """Name -> the models that have a JSON field of this name; only names that are JSON wherever a model has them."""
    found: dict[str, list[tuple[Symbol, bool]]] = {}
    names = {name for path in project[served] for name, is_json in project[_seen_in, path].fields if is_json}
    for path in project[served] if names else ():
        for name, is_json in project[_seen_in, path].fields:
            if name in names:
                found.setdefault(name, []).extend((owner, is_json) for owner in _owners(project, path, name))
    return {name: tuple(dict.fromkeys(owner for owner, is_json in each if is_json)) for name, each in found.items()}


class Seen(NamedTuple):
    """What a file holds: names given a field (and whether of JSON), functions that may ask, fields of PostgreSQL."""

    fields: tuple[tuple[str, bool], ...]
    functions: tuple[str, ...]
    postgres: bool


_NOTHING = Seen((), (), False)


def served(project: Project) -> tuple[str, ...]:
    """The files that are neither tests nor migrations."""
    return tuple(path for path in project.paths if not is_aside(path) and "migrations" not in path.split("/"))


def _seen_in(project: Project, path: str) -> Seen:
    module = project.module(path)
    if module is None:
        return _NOTHING
    postgres = any(each.module.startswith("django.contrib.postgres") for each in module.imports)
    named = tuple(
        (binding.name, binding.callee.rpartition(".")[2] == "JSONField")
        for each in module.classes
        for binding in each.fields
        if binding.callee.endswith(("Field", "Key", "Manager"))
    )
    functions = tuple(each.qualname for each in module.functions if each.calls and each.mentions("__contain"))
    return Seen(named, functions, postgres) if named or functions or postgres else _NOTHING


def _owners(project: Project, path: str, name: str) -> Iterator[Symbol]:
    for each in project[classes_of, path].values():
        symbol = Symbol("class", path, each.qualname)
        if any(binding.name == name for binding in each.fields) and inherits(project, symbol, _MODEL):
            yield symbol


def asking(project: Project) -> tuple[Place, ...]:
    """The functions with such a lookup in them, where the database does not have it."""
    seen = {path: each for path in project[served] if (each := project[_seen_in, path]) is not _NOTHING}
    names = {name for each in seen.values() for name, is_json in each.fields if is_json}
    words = tuple(sorted(f"{name}{suffix}" for name in names for suffix in _SUFFIXES))
    found = [
        Place(path, qualname)
        for path, each in seen.items()
        for qualname in each.functions
        if any(project[functions_of, path][qualname].mentions(word) for word in words)
    ]
    return tuple(found) if found and project[engine] in _LACKING else ()


def asked(project: Project, place: Place) -> Iterator[Asked]:
    """The lookups in a function that its database does not have."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in tree.calls(*(function.body if function is not None else ())):
        if function is not None and getattr(call.func, "last", "") in _ASKING:
            for name, at in _named(call):
                found = _json(project, place, call, name)
                if found is not None:
                    yield Asked(name, f"{found.last}.{_column(name)}", _declared(project, found, _column(name)), at)
    for node in tree.walk(*(function.body if function is not None else ())):
        if isinstance(node, tree.Assign) and isinstance(node.targets[0], tree.Subscript) and function is not None:
            index = node.targets[0].index
            if isinstance(index, tree.Constant) and isinstance(index.value, str) and index.value.endswith(_SUFFIXES):
                found = _everywhere(project, index.value)
                if found is not None:
                    where = _declared(project, found, _column(index.value))
                    yield Asked(index.value, f"{found.last}.{_column(index.value)}", where, index.at)


def _named(call: tree.Call) -> Iterator[tuple[str, At]]:
    for name, value in call.keywords:
        if name is not None and name.endswith(_SUFFIXES):
            yield name, value.at
        elif name is None and isinstance(value, tree.Mapping):
            for key, _ in value.items:
                if isinstance(key, tree.Constant) and isinstance(key.value, str) and key.value.endswith(_SUFFIXES):
                    yield key.value, key.at
    for node in call.args:
        first = node.items[0] if isinstance(node, tree.Sequence) and len(node.items) == 2 else None
        if isinstance(first, tree.Constant) and isinstance(first.value, str) and first.value.endswith(_SUFFIXES):
            yield first.value, first.at


def _column(name: str) -> str:
    """The field of a lookup: what stands before it."""
    return name.rpartition("__")[0].rpartition("__")[2]


def _json(project: Project, place: Place, call: tree.Call, name: str) -> Symbol | None:
    """The model whose JSON field a lookup is about."""
    if name.count("__") > 1:
        return _everywhere(project, name)
    cls = _model(project, place, call.func)
    if cls is None:
        return _everywhere(project, name)
    for owner, binding in fields(project, cls):
        if binding.name == _column(name):
            return owner if binding.callee.rpartition(".")[2] == "JSONField" else None
    return None


def _everywhere(project: Project, name: str) -> Symbol | None:
    """The model, when a field of this name is JSON in every model that has one."""
    column = _column(name)
    owners = project[json_fields].get(column, ())
    others = [
        path
        for path in project[served]
        for field, is_json in project[_seen_in, path].fields
        if field == column and not is_json
    ]
    return owners[0] if owners and not any(list(_owners(project, path, column)) for path in others) else None


def _model(project: Project, place: Place, func: Node) -> Symbol | None:
    """The model that a chain such as `Article.objects.filter` starts from."""
    while not isinstance(func, tree.Path):
        if isinstance(func, tree.Call):
            func = func.func
        elif isinstance(func, (tree.Attribute, tree.Subscript)):
            func = func.value
        else:
            return None
    owner, dot, _ = func.text.partition(".objects")
    answer = resolve_in(project, place.path, place.qualname, owner) if dot else None
    known = isinstance(answer, Symbol) and answer.kind == "class" and inherits(project, answer, _MODEL)
    return answer if known and isinstance(answer, Symbol) else None


def _declared(project: Project, owner: Symbol, name: str) -> tuple[str, At]:
    facts = class_facts(project, owner)
    return owner.path, next(each.at for each in (facts.fields if facts is not None else ()) if each.name == name)


# Fields of PostgreSQL


class Foreign(NamedTuple):
    """A field of a model that its database does not have."""

    owner: Symbol
    name: str
    type: str
    at: At


def foreign(project: Project) -> tuple[Foreign, ...]:
    """The fields of models that need PostgreSQL, where another database is configured."""
    found = [
        each for path in project[served] if project[_seen_in, path].postgres for each in project[_foreign_in, path]
    ]
    return tuple(found) if found and project[engine] in ("sqlite", "mysql", "oracle", "mssql") else ()


def _foreign_in(project: Project, path: str) -> tuple[Foreign, ...]:
    module = project.module(path)
    if module is None:
        return ()
    found = []
    for each in module.classes:
        for binding in each.fields:
            last = binding.callee.rpartition(".")[2]
            symbol = Symbol("class", path, each.qualname)
            if last in _POSTGRES and inherits(project, symbol, _MODEL):
                answer = resolve_in(project, path, "", binding.callee)
                if isinstance(answer, Symbol) and answer.name.startswith("django.contrib.postgres"):
                    found.append(Foreign(symbol, binding.name, last, binding.at))
    return tuple(found)
