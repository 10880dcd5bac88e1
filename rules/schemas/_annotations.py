"""What the annotation of a field says: its type, whether it may be None, and what `Annotated` adds."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, resolve_in
from cdlint.project.values import Scope

_WRAPPERS = frozenset({"Final", "Required", "NotRequired", "ReadOnly"})
_QUOTED_NONE = re.compile(r"\|\s*None\s*$|^None\s*\|\s*|^(?:typing\.|t\.)?Optional\[(.*)\]$")
_DEPTH = 8


class Said(NamedTuple):
    """An annotation taken apart. `extras` are what stands behind the type in `Annotated[...]`."""

    type: str
    nullable: bool
    extras: tuple[tuple[Scope, Node], ...] = ()
    is_field: bool = True


def text(node: Node) -> str:
    """An annotation as one would write it."""
    if isinstance(node, tree.Path):
        return node.text
    if isinstance(node, tree.Constant):
        return node.value if isinstance(node.value, str) else "..." if node.value is ... else repr(node.value)
    if isinstance(node, tree.Subscript):
        return f"{text(node.value)}[{', '.join(_item(each) for each in _items(node.index))}]"
    if isinstance(node, tree.Binary) and node.op == "|":
        return " | ".join(map(text, node.terms))
    if isinstance(node, tree.Sequence):
        return f"[{', '.join(map(text, node.items))}]"
    if isinstance(node, tree.Attribute):
        return f"{text(node.value)}.{node.text}"
    if isinstance(node, tree.Call):
        return f"{text(node.func)}(...)"
    return "..."


def _item(node: Node) -> str:
    return repr(node.value) if isinstance(node, tree.Constant) and isinstance(node.value, str) else text(node)


def _items(index: Node) -> tuple[Node, ...]:
    return index.items if isinstance(index, tree.Sequence) and index.kind == "tuple" else (index,)


def said(project: Project, scope: Scope, node: Node, depth: int = _DEPTH) -> Said:
    """Take an annotation apart, through quotes, unions, `Annotated` and aliases."""
    if isinstance(node, tree.Constant):
        return _quoted(node.value) if isinstance(node.value, str) else Said(text(node), node.value is None)
    if depth <= 0:
        return Said(text(node), False)
    if isinstance(node, tree.Binary) and node.op == "|":
        return _union(project, scope, node.terms, depth)
    if isinstance(node, tree.Subscript):
        return _subscript(project, scope, node, depth)
    if isinstance(node, tree.Path):
        if node.last in ("Any", "object"):
            return Said(node.text, True)
        if node.last in ("ClassVar", "InitVar"):
            return Said(node.text, False, is_field=False)
        return _alias(project, scope, node, depth)
    return Said(text(node), False)


def _quoted(value: str) -> Said:
    match = _QUOTED_NONE.search(value.strip())
    if match is None:
        return Said(value, value == "None", is_field="ClassVar" not in value)
    return Said(match[1] or _QUOTED_NONE.sub("", value.strip()).strip(), True)


def _union(project: Project, scope: Scope, terms: tuple[Node, ...], depth: int) -> Said:
    parts = [said(project, scope, each, depth - 1) for each in terms]
    kept = [part for part in parts if part.type != "None"]
    extras = tuple(extra for part in kept for extra in part.extras)
    return Said(" | ".join(part.type for part in kept), any(part.nullable for part in parts), extras)


def _subscript(project: Project, scope: Scope, node: tree.Subscript, depth: int) -> Said:
    name = getattr(node.value, "last", "")
    items = _items(node.index)
    if name == "Optional" and items:
        return said(project, scope, items[0], depth - 1)._replace(nullable=True)
    if name == "Union":
        return _union(project, scope, items, depth)
    if name == "Annotated" and items:
        inner = said(project, scope, items[0], depth - 1)
        return inner._replace(extras=(*inner.extras, *((scope, extra) for extra in items[1:])))
    if name in _WRAPPERS and items:
        return said(project, scope, items[0], depth - 1)
    return Said(text(node), False, is_field=name not in ("ClassVar", "InitVar"))


def _alias(project: Project, scope: Scope, node: tree.Path, depth: int) -> Said:
    """`Name = Annotated[str, Field(...)]`, `Maybe = str | None`: what the alias stands for; else the name."""
    answer = resolve_in(project, scope[0], scope[1], node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return Said(node.text, False)
    owner, _, name = answer.name.rpartition(".")
    holder = class_facts(project, Symbol("class", answer.path, owner)) if owner else None
    module = project.module(answer.path)
    bindings = holder.fields if holder else module.bindings if module else ()
    values = [each.value for each in bindings if each.name == name and each.value_code is not None]
    if len(values) != 1 or not isinstance(values[0], (tree.Subscript, tree.Binary)):
        return Said(node.text, False)
    found = said(project, (answer.path, owner), values[0], depth - 1)
    return found if found.extras or found.nullable else found._replace(type=node.text)
