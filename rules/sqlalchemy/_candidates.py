"""Which classes may be mapped, judged by names alone: a cheap look before bases are resolved."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._names import COLUMNS, DECLARATIVE_CALLS, DECLARATIVE_CLASSES, RELATIONSHIPS
from ._outside import ROOTS

_SEEDS = DECLARATIVE_CLASSES | DECLARATIVE_CALLS | ROOTS | {"SQLModel", "Model"}
_DECORATORS = frozenset({"as_declarative", "mapped", "mapped_as_dataclass"})
_SIGNS = frozenset({"__tablename__", "__table__", "__mapper_args__"})
_CALLS = RELATIONSHIPS | (COLUMNS - {"Field"})


class Names(NamedTuple):
    """The classes of a file with the last words of their bases, and its aliases."""

    classes: tuple[tuple[str, tuple[str, ...], bool], ...]
    """Qualified name, bases, whether the body itself looks mapped."""
    aliases: tuple[tuple[str, str], ...]
    """A name, and the last word of what it was given."""


def names_in(project: Project, path: str) -> Names:
    """The names of a file."""
    module = project.module(path)
    if module is None:
        return Names((), ())
    aliases = [(each.alias, each.name) for each in module.imports if each.renamed and each.name]
    for binding in module.bindings:
        if binding.callee:
            aliases.append((binding.name, binding.callee.rpartition(".")[2]))
        elif binding.kind == "assign" and binding.value_code is not None and _is_path(binding.value_code):
            aliases.append((binding.name, binding.value_code[1].rpartition(".")[2]))
    classes = [(each.qualname, tuple(map(_last, each.bases)), _looks_mapped(each)) for each in module.classes]
    return Names(tuple(classes), tuple(aliases))


def _is_path(code: tuple[object, ...]) -> bool:
    return code[0] == tree.TAG[tree.Path]


def _last(node: Node) -> str:
    while isinstance(node, (tree.Subscript, tree.Call)):
        node = node.value if isinstance(node, tree.Subscript) else node.func
    return node.last if isinstance(node, (tree.Path, tree.Attribute)) else ""


def _looks_mapped(each: Class) -> bool:
    if any(field.name in _SIGNS or field.callee.rpartition(".")[2] in _CALLS for field in each.fields):
        return True
    return any(_last(node) in _DECORATORS for node in each.decorators)


def candidates(project: Project) -> tuple[Symbol, ...]:
    """The classes that may be mapped, by path and position."""
    files = [(path, project[names_in, path]) for path in project.paths]
    words = set(_SEEDS)
    parents: dict[str, set[str]] = {}
    for _, names in files:
        for alias, source in names.aliases:
            parents.setdefault(source, set()).add(alias)
        for qualname, bases, looks in names.classes:
            own = qualname.rpartition(".")[2]
            for base in bases:
                parents.setdefault(base, set()).add(own)
            if looks:
                words.add(own)
    waiting = list(words)
    while waiting:
        for child in parents.get(waiting.pop(), ()):
            if child not in words:
                words.add(child)
                waiting.append(child)
    return tuple(
        dict.fromkeys(
            Symbol("class", path, qualname)
            for path, names in files
            for qualname, bases, looks in names.classes
            if looks or not words.isdisjoint(bases)
        )
    )
