"""The type that an annotation gives a column: by the base's own map, the usual one, or SQLModel's."""

from __future__ import annotations

from typing import TypeAlias

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, resolve_in

from ._annotations import Said
from ._declarative import membership
from ._enums import enum_length, enum_members
from ._outside import usual_types
from ._terms import Term, definition, follow, made
from ._text import text
from ._types import TypeFact, type_of

Key: TypeAlias = tuple[object, ...]

_USUAL = {
    "builtins.int": "Integer",
    "builtins.str": "String",
    "builtins.bool": "Boolean",
    "builtins.float": "Float",
    "builtins.bytes": "LargeBinary",
    "datetime.datetime": "DateTime",
    "datetime.date": "Date",
    "datetime.time": "Time",
    "datetime.timedelta": "Interval",
    "decimal.Decimal": "Numeric",
    "uuid.UUID": "Uuid",
}
_PLAIN = {"pathlib.Path", "ipaddress.IPv4Address", "ipaddress.IPv6Address", "ipaddress.IPv4Network"}
_TEXTS = {"str", "EmailStr", "SecretStr", "NameEmail", "constr"}
_ENUM = ("external", "enum.Enum")
_UNTYPED = "its annotation names no type that is known"


def type_map(project: Project, cls: Symbol) -> dict[Key, Term]:
    """What the declarative base of a class gives to types: `type_annotation_map`."""
    member = project[membership, cls]
    for owner in member.lineage if member is not None else ():
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == "type_annotation_map" and binding.value_code is not None:
                return _entries(project, Term(binding.value, owner.path, owner.name))
            if binding.name == "registry" and binding.value_code is not None:
                return _of_call(project, Term(binding.value, owner.path, owner.name))
    path, _, name = member.root.registry.partition(":") if member is not None else ("", "", "")
    held = definition(project, Symbol("variable", path, name)) if name else None
    return _of_call(project, held) if held is not None else {}


def _of_call(project: Project, term: Term) -> dict[Key, Term]:
    call = made(project, term)
    given = call.get("type_annotation_map") if call is not None else None
    if given is None and isinstance(term.node, tree.Call) and getattr(term.node.func, "last", "") == "generate_base":
        inner = term.node.func
        owner = tree.Path(inner.text.rpartition(".")[0], inner.at) if isinstance(inner, tree.Path) else None
        held = follow(project, term.at(owner)) if owner is not None else None
        return _of_call(project, held) if held is not None else {}
    return _entries(project, given) if given is not None else {}


def _entries(project: Project, term: Term, depth: int = 4) -> dict[Key, Term]:
    held = follow(project, term) if isinstance(term.node, tree.Path) else term
    if held is None or not isinstance(held.node, tree.Mapping) or depth <= 0:
        return {}
    found: dict[Key, Term] = {}
    for key, value in held.node.items:
        if key is None:
            found.update(_entries(project, held.at(value), depth - 1))
        else:
            found[_key(project, held.at(key))] = held.at(value)
    return found


def _key(project: Project, term: Term) -> Key:
    """A type in a spelling that does not depend on the names it is imported by."""
    node = term.node
    if isinstance(node, tree.Path):
        answer = resolve_in(project, term.path, term.scope, node.text)
        if isinstance(answer, Symbol):
            name = answer.name if answer.kind == "external" else f"{answer.path}:{answer.name}"
            return ("external" if answer.kind == "external" else "own", name.removeprefix("builtins."))
        return ("external", node.text)
    if isinstance(node, tree.Subscript):
        items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        return ("of", _key(project, term.at(node.value)), *(_key(project, term.at(item)) for item in items))
    if isinstance(node, tree.Constant):
        return ("constant", type(node.value).__name__, node.value)
    return ("?", node)


def annotated_type(project: Project, cls: Symbol | None, note: Said, style: str) -> TypeFact:
    """The type of a column that only its annotation names."""
    if note.inner is None:
        return TypeFact(None, None, _UNTYPED)
    given = project[type_map, cls] if cls is not None and style != "sqlmodel" else {}
    for step in (*note.steps, note.inner):
        found = given.get(_key(project, step))
        if found is not None:
            return type_of(project, found)
    members = enum_members(project, note.inner)
    if members is not None:
        own = given.get(_ENUM)
        if own is not None:
            length, why = enum_length(project, own, members)
            return TypeFact(type_of(project, own).name, length, why)
        return TypeFact("Enum", max(map(len, members), default=None))
    return _usual(project, cls, note.inner, note.collection, style)


def _usual(project: Project, cls: Symbol | None, inner: Term, collection: bool, style: str) -> TypeFact:
    node = inner.node
    if isinstance(node, tree.Subscript):
        return _literal(project, inner, node)
    if isinstance(node, tree.Call):
        node = node.func
    if collection or not isinstance(node, tree.Path):
        return TypeFact(None, None, _UNTYPED)
    answer = resolve_in(project, inner.path, inner.scope, node.text)
    names = [answer.name] if isinstance(answer, Symbol) and answer.kind == "external" else [f"builtins.{node.text}"]
    if isinstance(answer, Symbol) and answer.kind == "class":
        names = list(project[ancestry, answer].external)
    if style == "sqlmodel" and any(name in _PLAIN or name.rpartition(".")[2] in _TEXTS for name in names):
        return TypeFact("AutoString", None)
    member = project[membership, cls] if cls is not None else None
    own = usual_types(member.foreign) if member is not None else {}
    if names and names[0] in own:
        return own[names[0]]
    found = next((_USUAL[name] for name in names if name in _USUAL), None)
    return TypeFact(found, None, "" if found is not None else _UNTYPED)


def _literal(project: Project, term: Term, node: tree.Subscript) -> TypeFact:
    """`Literal["a", "b"]`."""
    items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
    values = [text(project, term.at(item)) for item in items]
    if None in values:
        return TypeFact(None, None, _UNTYPED)
    return TypeFact("Enum", max(len(value or "") for value in values))
