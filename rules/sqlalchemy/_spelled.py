"""Columns that a mapped class names by strings, in its constraints and relationships, and that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts

from ._attribute_uses import lacks
from ._models import Model, model, models
from ._registry import lineage

_CONSTRAINTS = frozenset({"UniqueConstraint", "Index", "PrimaryKeyConstraint", "ForeignKeyConstraint"})
_JOINS = ("order_by", "primaryjoin", "secondaryjoin", "foreign_keys", "remote_side")
_NAMED = re.compile(r"(?<![\w.'\"])([A-Z]\w*)\.([a-z]\w*)\b(?!\s*\()")


def spelled(project: Project, cls: Symbol) -> Iterator[tuple[str, str, At]]:
    """The names in a class that lead nowhere: whose they are not, the name and the place."""
    facts = class_facts(project, cls)
    for field in facts.fields if facts is not None else ():
        if field.name == "__table_args__" and isinstance(field.value, tree.Sequence):
            yield from _constrained(project, cls, field.value.items)
        elif isinstance(field.value, tree.Call) and field.callee.rpartition(".")[2] in ("relationship", "Relationship"):
            for keyword in field.value.keywords:
                if keyword.name in _JOINS:
                    yield from _joined(project, keyword.value)


def _constrained(project: Project, cls: Symbol, items: tuple[Node, ...]) -> Iterator[tuple[str, str, At]]:
    known = _columns(project, cls)
    if known is None:
        return
    for item in items:
        last = getattr(item.func, "last", "") if isinstance(item, tree.Call) else ""
        if not isinstance(item, tree.Call) or last not in _CONSTRAINTS:
            continue
        given = item.args[1:] if last == "Index" else item.args
        if last == "ForeignKeyConstraint":
            first = item.argument(0, "columns")
            given = first.items if isinstance(first, tree.Sequence) else ()
        for each in given:
            name = each.value if isinstance(each, tree.Constant) else None
            if isinstance(name, str) and name.isidentifier() and name not in known:
                yield cls.last, name, each.at


def _columns(project: Project, cls: Symbol) -> frozenset[str] | None:
    """The columns of a class's table by name and attribute; None when there may be others."""
    found: set[str] = set()
    for owner in project[lineage, cls]:
        each: Model | None = project[model, owner]
        if each is None:
            continue
        if not each.complete or each.gaps or each.foreign:
            return None
        for column in each.columns:
            if column.name is None:
                return None
            found.update((column.name, column.attr))
    return frozenset(found) if found else None


def _joined(project: Project, node: Node) -> Iterator[tuple[str, str, At]]:
    for each in tree.walk(node):
        if not isinstance(each, tree.Constant) or not isinstance(each.value, str):
            continue
        for match in _NAMED.finditer(each.value):
            found = [symbol for symbol in project[models] if symbol.last == match[1]]
            if len(found) == 1 and match[2] != "c" and lacks(project, found[0], match[2]):
                yield match[1], match[2], each.at
