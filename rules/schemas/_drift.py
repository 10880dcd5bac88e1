"""Where a schema asks instances of a model for what the model does not have, or not in that form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.members import members
from cdlint.backend.shapes import Shape, ShapeField
from cdlint.backend.tables import Column
from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts
from cdlint.project.places import is_aside

from ._annotations import said
from ._config import generator
from ._entities import models
from ._minded import EVERY, is_made_text, is_plain_type, is_renamed, is_set_somewhere, minded
from ._pairs import Pair, kinds, pairs
from ._pydantic import is_second, shape_of

_FAMILIES = {
    "Integer": "int", "BigInteger": "int", "SmallInteger": "int", "INTEGER": "int", "BIGINT": "int",
    "SMALLINT": "int", "Float": "float", "Double": "float", "Numeric": "decimal", "DECIMAL": "decimal",
    "Boolean": "bool", "Uuid": "UUID", "UUID": "UUID", "DateTime": "datetime", "TIMESTAMP": "datetime",
    "Date": "date", "Time": "time",
}  # fmt: skip
_REFUSED = {
    "str": frozenset({"int", "float", "decimal", "bool", "UUID", "datetime", "date", "time"}),
    "int": frozenset({"UUID", "datetime", "date", "time"}),
    "float": frozenset({"UUID", "datetime", "date", "time"}),
    "bool": frozenset({"UUID", "datetime", "date", "time"}),
    "UUID": frozenset({"int", "float", "decimal", "bool", "datetime", "date", "time"}),
    "datetime": frozenset({"UUID", "bool", "time"}),
    "date": frozenset({"UUID", "bool", "time"}),
}
"""Type of a field -> what Pydantic refuses for it, lax as it is."""
_NOT_NULL = (".is_not", ".isnot")


class Drift(NamedTuple):
    """A field that cannot be read. `kind`: `absent`, `null` or `type`."""

    kind: str
    pair: Pair
    field: ShapeField
    column: Column | None
    family: str


def drifts(project: Project) -> tuple[Drift, ...]:
    """All of them, each field of a schema once for a model."""
    found: dict[tuple[str, Symbol, str, Symbol], Drift] = {}
    for pair in project[pairs]:
        for each in _of_pair(project, pair):
            key = (each.kind, each.field.declared_in or pair.schema, each.field.name, pair.model)
            found.setdefault(key, each)
    return tuple(found.values())


def _of_pair(project: Project, pair: Pair) -> Iterator[Drift]:
    shape: Shape = project[shape_of, (pair.schema, project[kinds][pair.schema])]
    by_mind = project[minded, pair.schema]
    aliases = generator(project, pair.schema)
    if EVERY in by_mind or aliases.name or aliases.why or pair.schema == pair.model:
        return
    names = project[_members].get(pair.model)
    columns = {each.attr: each for each in project[models][pair.model].columns}
    for field in shape.fields if shape.complete else ():
        owner = field.declared_in or pair.schema
        if field.alias is not None or field.read_only or field.write_only or is_renamed(project, owner, field.name):
            continue
        column = columns.get(field.name)
        if column is not None:
            yield from _of_column(project, pair, field, column, field.name in by_mind)
        elif (
            field.required is True
            and names is not None
            and field.name not in names
            and not project[is_set_somewhere, field.name]
        ):
            yield Drift("absent", pair, field, None, "")


def _members(project: Project) -> dict[Symbol, frozenset[str]]:
    return {each.model: frozenset(each.names) for each in project[members]}


def _of_column(project: Project, pair: Pair, field: ShapeField, column: Column, seen: bool) -> Iterator[Drift]:
    owner = field.declared_in or pair.schema
    if seen or _is_inherited(project, pair, field) or not is_plain_type(project, owner, field.name):
        return
    empty = column.nullable and not column.has_default and not column.primary_key
    refused = empty and field.nullable is False and _is_plain(field.type)
    if refused and _says_nullable(project, pair.model, column) and pair.model.last not in project[_sorted_out]:
        yield Drift("null", pair, field, column, "")
    family = _FAMILIES.get(column.type or "", "")
    wanted = (field.type or "").rpartition(".")[2]
    unfit = family in _REFUSED.get(wanted, ()) and project[is_second] and _is_settled(project, pair, column)
    if unfit and not (wanted == "str" and project[is_made_text, column.attr]):
        yield Drift("type", pair, field, column, family)


def _sorted_out(project: Project) -> frozenset[str]:
    """The names of models of which some query leaves out the rows with empty columns, so that they may never arrive."""
    return frozenset().union(*[project[_sorted_out_in, path] for path in project.paths if not is_aside(path)])


def _sorted_out_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    calls = [call for function in (module.functions if module else ()) for call in function.calls]
    return frozenset([p[-3] for call in calls if call.endswith(_NOT_NULL) and len(p := call.split(".")) > 2])


def _is_plain(written: str | None) -> bool:
    """Whether a type cannot hide that None is welcome: a plain name, or a list or dict of things."""
    return bool(written) and "Any" not in str(written) and "None" not in str(written) and "..." not in str(written)


def _is_inherited(project: Project, pair: Pair, field: ShapeField) -> bool:
    """Whether the field and the column are one: a base that schema and table share."""
    above = project[ancestry, pair.model].first_party
    return (field.declared_in or pair.schema) in above


def _binding(project: Project, model: Symbol, column: Column) -> Binding | None:
    facts = class_facts(project, column.declared_in or model)
    return next((each for each in facts.fields if each.name == column.attr), None) if facts else None


def _says_nullable(project: Project, model: Symbol, column: Column) -> bool:
    """Whether somebody wrote that the column may be empty, which is no more than the default otherwise."""
    binding = _binding(project, model, column)
    if binding is None:
        return False
    note = binding.annotation
    if note is None:
        return isinstance(binding.value, tree.Call) and binding.value.keyword("nullable") is not None
    if isinstance(note, tree.Subscript) and getattr(note.value, "last", "") in ("Mapped", "WriteOnlyMapped"):
        note = note.index
    return said(project, ((column.declared_in or model).path, (column.declared_in or model).name), note).nullable


def _is_settled(project: Project, model: Pair, column: Column) -> bool:
    """Whether the type of the column has no options that change what Python gets."""
    binding = _binding(project, model.model, column)
    value = binding.value if binding is not None else None
    words = {each.name for call in tree.calls(value) for each in call.keywords} if value is not None else set()
    return binding is not None and words.isdisjoint({"as_uuid", "asdecimal", "type_", "sa_type", "sa_column"})
