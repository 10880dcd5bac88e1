"""What the type variables of a class's bases stand for: `Page[User]` makes `list[T]` a `list[User]`."""

from __future__ import annotations

import re

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import bases, class_facts

from ._annotations import text


def variables(project: Project, symbol: Symbol) -> tuple[str, ...]:
    """The names of a class's type variables in the order in which they are given."""
    facts = class_facts(project, symbol)
    found: list[str] = []
    for node in facts.bases if facts else ():
        if isinstance(node, tree.Subscript):
            names = [each for each in _arguments(node) if each.isidentifier()]
            if getattr(node.value, "last", "") in ("Generic", "Protocol"):
                return tuple(names)
            found.extend(name for name in names if len(name) <= 2 or name.endswith(("T", "Type", "_co")))
    return tuple(dict.fromkeys(found))


def _arguments(node: tree.Subscript) -> list[str]:
    index = node.index
    items = index.items if isinstance(index, tree.Sequence) and index.kind == "tuple" else (index,)
    return [text(each) for each in items]


def arguments(
    project: Project, symbol: Symbol, known: dict[str, str] | None = None, depth: int = 12
) -> dict[Symbol, dict[str, str]]:
    """For each first-party ancestor of a class, what its type variables stand for in the class."""
    facts = class_facts(project, symbol)
    found: dict[Symbol, dict[str, str]] = {}
    for node, base in zip(facts.bases if facts else (), project[bases, symbol], strict=False):
        if not isinstance(base, Symbol) or base.kind != "class" or depth <= 0:
            continue
        given = [replaced(each, known or {}) for each in _arguments(node)] if isinstance(node, tree.Subscript) else []
        mapping = dict(zip(variables(project, base), given, strict=False))
        found[base] = mapping
        found.update(arguments(project, base, mapping, depth - 1))
    return found


def replaced(written: str, known: dict[str, str]) -> str:
    """A type with what its variables stand for."""
    if not known:
        return written
    return re.sub(r"\b[A-Za-z_]\w*\b(?!\.)", lambda match: known.get(match[0], match[0]), written)
