"""Registries of the repository's own: decorators and base classes that keep what they are given, by what they do."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, functions_of

_KEEPING = frozenset({"add", "append", "insert", "register", "setdefault"})


def is_registry(project: Project, answer: Answer, user: str) -> bool:
    """Whether a decorator is a function of another file that keeps what it decorates beyond its own run."""
    if not isinstance(answer, Symbol) or answer.kind != "function" or answer.path in ("", user):
        return False
    return project[_keeps, answer]


def _keeps(project: Project, function: Symbol) -> bool:
    module = project.module(function.path)
    outer = project[functions_of, function.path].get(function.name)
    if module is None or outer is None:
        return False
    inner = [each for each in module.functions if each.parent == outer.qualname]
    # `@register` keeps its own parameter, `@register(...)` that of the function which it returns.
    return any(_stores(module, each) for each in (outer, *inner))


def subclass_registry(project: Project, cls: Symbol) -> bool:
    """Whether a base of a class in another file keeps every subclass as soon as that is defined."""
    for base in project[ancestry, cls].first_party:
        if base.path != cls.path:
            module = project.module(base.path)
            hook = project[functions_of, base.path].get(f"{base.name}.__init_subclass__")
            if module is not None and hook is not None and _stores(module, hook):
                return True
    return False


def _stores(module: Module, function: Function) -> bool:
    """Whether a function puts one of its parameters into something that lives longer than its run."""
    params = {param.name for param in function.params}
    shared = {each.name for each in module.bindings if each.kind == "assign"} | {"self", "cls"}
    shared -= {name for name in function.binds if name not in params}
    for target, value in _kept(function.body):
        root = getattr(target, "root", "")
        if root in shared and isinstance(value, tree.Path) and value.text in params - {"self"}:
            return True
    return False


def _kept(body: tuple[Node, ...]) -> Iterator[tuple[Node, Node]]:
    """Each container that something is put into, with that."""
    for node in tree.walk(*body):
        if isinstance(node, tree.Assign) and node.value is not None:
            for target in node.targets:
                if isinstance(target, tree.Subscript):
                    yield _container(target.value), node.value
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in _KEEPING:
            for value in node.args:
                yield _container(node.func), value


def _container(node: Node) -> Node:
    """The name at the beginning: `HANDLERS` in `HANDLERS.setdefault(name, []).append`."""
    while isinstance(node, (tree.Attribute, tree.Call, tree.Subscript)):
        node = node.func if isinstance(node, tree.Call) else node.value
    return node
