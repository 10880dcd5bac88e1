"""What names are bound to, as it is written: in a function's body, and on the object of a class's methods."""

from __future__ import annotations

from typing import TypeAlias

from ..facts import tree
from ..facts.codec import decode
from ..facts.tree import Node
from . import Project
from .answers import Symbol
from .classes import class_facts, functions_of

Scope: TypeAlias = tuple[str, str]
"""A file and the qualified name of a function or class in it, `""` for the module itself."""

_BOUND_TO_PARTS = frozenset({tree.For, tree.Generator, tree.AugAssign})
_PATH, _ASSIGN = tree.TAG[tree.Path], tree.TAG[tree.Assign]


def local_assignments(project: Project, scope: Scope) -> dict[str, tuple[tuple[Node | None, Node | None], ...]]:
    """Local name -> (value, annotation) of everything that binds it in a function's body.

    A value of None cannot be followed: a loop target, an unpacked tuple, `x = x.more()`.
    """
    function = project[functions_of, scope[0]].get(scope[1])
    found: dict[str, list[tuple[Node | None, Node | None]]] = {}
    for node in function.nodes if function else ():
        kind = type(node)
        if kind is tree.Assign:
            for target in node.targets:
                _note_target(found, target, node.value, node.annotation)
        elif kind is tree.Walrus:
            found.setdefault(node.name, []).append((node.value, None))
        elif kind is tree.With:
            for value, target in node.items:
                if target is not None:
                    _note_target(found, target, value, None)
        elif kind in _BOUND_TO_PARTS:
            _note_target(found, node.target, None, None)
    return {name: tuple(values) for name, values in found.items()}


def _note_target(
    found: dict[str, list[tuple[Node | None, Node | None]]], target: Node, value: Node | None, annotation: Node | None
) -> None:
    if isinstance(target, tree.Path) and "." not in target.text:
        if any(isinstance(node, tree.Path) and node.root == target.text for node in tree.walk(value)):
            value = None
        found.setdefault(target.text, []).append((value, annotation))
    elif isinstance(target, tree.Sequence):
        for item in target.items:
            _note_target(found, item, None, None)
    elif isinstance(target, tree.Starred):
        _note_target(found, target.value, None, None)


def self_assignments(project: Project, cls: Symbol) -> dict[str, tuple[tuple[str, Node, Node | None], ...]]:
    """Attribute -> (method, value, annotation) of each `self.attribute = value` in a class's methods."""
    facts = class_facts(project, cls)
    found: dict[str, list[tuple[str, Node, Node | None]]] = {}
    for method in facts.methods if facts else ():
        qualname = f"{cls.name}.{method}"
        function = project[functions_of, cls.path].get(qualname)
        if function is None or not function.params:
            continue
        prefix = function.params[0].name + "."
        for code in function.statements() if function.mentions(prefix) else ():
            for target in code[1] if code[0] == _ASSIGN else ():
                if target[0] == _PATH and target[1].startswith(prefix) and target[1].count(".") == 1:
                    name, value = target[1][len(prefix) :], (qualname, decode(code[2]), decode(code[3]))
                    found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}
