"""What instances of a mapped class load and when: relationships with their loading, keys, mutable columns."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import class_facts, class_member

from ._attributes import Home, attributes
from ._declarative import membership
from ._models import model, models
from ._provided import direction
from ._registry import destination, lineage
from ._relations import RelationFact

LAZY = frozenset({"select", "lazy"})
"""The ways of loading that ask the database when the attribute is read."""
JOINED = frozenset({"joined"})
_WAYS = {"DynamicMapped": "dynamic", "WriteOnlyMapped": "write_only"}


class Link(NamedTuple):
    """A relationship as its readers see it."""

    name: str
    owner: Symbol
    target: Symbol | None
    collection: bool | None
    lazy: str | None
    """None when it is not known."""
    path: str
    at: At


def links(project: Project, cls: Symbol) -> dict[str, Link]:
    """The relationships of a mapped class, inherited ones and backrefs included."""
    found: dict[str, Link] = {}
    for owner in project[lineage, cls]:
        each = project[model, owner]
        for relation in each.relations if each is not None else ():
            if each is not None and relation.name not in found:
                kind = direction(project, each, relation)
                many = _collection(relation, kind)
                end = destination(project, each, relation)
                lazy = _written_lazy(project, relation)
                found[relation.name] = Link(relation.name, owner, end, many, lazy, relation.path, relation.at)
        for link in project[_backrefs, owner]:
            found.setdefault(link.name, link)
    return found


def member_of(project: Project, cls: Symbol, name: str) -> Answer:
    """An attribute of a mapped class, which the class that its base was made with may bring."""
    found = [project[class_member, (owner, name)] for owner in project[lineage, cls]]
    return next((each for each in found if isinstance(each, Symbol) and each.path), found[0])


def _collection(relation: RelationFact, kind: str) -> bool | None:
    if relation.uselist is not None:
        return relation.uselist
    if relation.many is not None:
        return relation.many
    return {"many-to-one": False, "one-to-many": True, "many-to-many": True}.get(kind)


def _written_lazy(project: Project, relation: RelationFact) -> str | None:
    facts = class_facts(project, relation.owner)
    for binding in facts.fields if facts is not None else ():
        note = binding.annotation if binding.name == relation.name and binding.annotation_code else None
        if isinstance(note, tree.Subscript) and getattr(note.value, "last", "") in _WAYS:
            return _WAYS[note.value.last]
    return None if relation.open else relation.lazy


def _backrefs(project: Project, cls: Symbol) -> tuple[Link, ...]:
    return project[_all_backrefs].get(cls, ())


def _all_backrefs(project: Project) -> dict[Symbol, tuple[Link, ...]]:
    found: dict[Symbol, list[Link]] = {}
    for symbol in project[models]:
        each = project[model, symbol]
        for relation in each.relations if each is not None else ():
            end = destination(project, each, relation) if each is not None and relation.backref else None
            if each is None or end is None or not relation.backref:
                continue
            kind = direction(project, each, relation)
            many = relation.backref_uselist
            if many is None:
                many = {"many-to-one": True, "one-to-many": False, "many-to-many": True}.get(kind)
            link = Link(relation.backref, end, symbol, many, relation.backref_lazy, relation.path, relation.at)
            found.setdefault(end, []).append(link)
    return {cls: tuple(each) for cls, each in found.items()}


def lazy_names(project: Project) -> frozenset[str]:
    """The names of all relationships that some class loads when they are read."""
    found: set[str] = set()
    for symbol in project[models]:
        found.update(name for name, link in project[links, symbol].items() if link.lazy in LAZY)
    return frozenset(found)


def columns(project: Project, cls: Symbol) -> dict[str, bool]:
    """The column attributes of a mapped class, and whether each is part of the primary key."""
    found: dict[str, bool] = {}
    for owner in project[lineage, cls]:
        each = project[model, owner]
        for column in each.columns if each is not None else ():
            found.setdefault(column.attr, bool(column.primary_key))
    return found


def references(project: Project, key: tuple[Symbol, str]) -> frozenset[str]:
    """The attributes by which a relationship to one row, for `(class, name)`, may find it."""
    cls, name = key
    link = project[links, cls].get(name)
    other = project[model, link.target] if link is not None and link.target is not None else None
    found = {name, f"{name}_id", "*"}
    for owner in project[lineage, cls]:
        each = project[model, owner]
        for column in each.columns if each is not None else ():
            tables = {(ref.text or "").rpartition(".")[0].rpartition(".")[2] for ref in column.refs}
            if other is not None and other.table in tables:
                found.add(column.attr)
    return frozenset(found)


def is_required(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether a column, for `(class, attribute)`, certainly may not be empty."""
    cls, name = key
    for owner in project[lineage, cls]:
        each = project[model, owner]
        for column in each.columns if each is not None else ():
            if column.attr == name:
                return column.nullable is False or bool(column.primary_key)
    return False


def made_by_database(project: Project, cls: Symbol) -> str:
    """The one key attribute that has no value before a flush, `""` when there is none such."""
    each, member = project[model, cls], project[membership, cls]
    facts = class_facts(project, cls)
    if each is None or member is None or facts is None or each.foreign or each.parent is not None:
        return ""
    if any("__init__" in (f.methods if (f := class_facts(project, o)) else ()) for o in member.lineage):
        return ""
    keys = [column for column in each.columns if column.primary_key]
    if len(keys) != 1 or keys[0].refs or any(column.primary_key is None for column in each.columns):
        return ""
    home = Home(cls, member.root.style, False, "")
    for attribute in attributes(project, home, member.lineage):
        if attribute.name == keys[0].attr:
            calls = [attribute.call] if attribute.call is not None else []
            words = {name for call in calls for name, _ in call.keywords}
            early = {"default_factory", "insert_default", "init"} & words
            if early or attribute.note.extras or any(call.open for call in calls):
                return ""
            sqlmodel = member.root.style == "sqlmodel"
            if sqlmodel and any(not _is_nothing(call.get("default")) for call in calls):
                return ""
            return keys[0].attr
    return ""


def _is_nothing(term: object) -> bool:
    node = getattr(term, "node", None)
    return term is None or (isinstance(node, tree.Constant) and node.value is None)
