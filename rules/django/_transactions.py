"""What opens a transaction in Django, and the setting that puts one around each request."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.transactions import Boundary, Opener, boundaries, openers
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.rule import Location

from ._settings import aside

_ATOMIC_REQUESTS = "ATOMIC_REQUESTS"
_ADAPTERS = ("django.utils.decorators.method_decorator",)


@provides(openers)
def django_openers(project: Project) -> tuple[Opener, ...]:
    """`atomic`, as a block, a decorator, or adapted to a method."""
    return (
        Opener("django.db.transaction.atomic", True, _ADAPTERS),
        Opener("django.db.transaction.Atomic", True, _ADAPTERS),
    )


@provides(boundaries)
def atomic_requests(project: Project) -> tuple[Boundary, ...]:
    """Where the settings put each request into a transaction: on a database, not beside the databases."""
    return tuple(each for path in project.paths for each in project[_set_in, path])


def _set_in(project: Project, path: str) -> tuple[Boundary, ...]:
    module = project.module(path)
    if module is None or aside(path):
        return ()
    return tuple(
        Boundary("setting", _ATOMIC_REQUESTS, ("commit", "rollback"), False, Location(path, node.at))
        for function in module.functions
        if function.mentions(_ATOMIC_REQUESTS)
        for node in _switched_on(function.body)
    )


def _switched_on(body: tuple[Node, ...]) -> Iterator[Node]:
    for node in tree.walk(*body):
        if isinstance(node, tree.Mapping):
            for key, value in node.items:
                if getattr(key, "value", None) == _ATOMIC_REQUESTS and not _is_off(value):
                    yield node if key is None else key
        elif isinstance(node, tree.Assign) and isinstance(node.targets[0], tree.Subscript):
            index = node.targets[0].index
            if getattr(index, "value", None) == _ATOMIC_REQUESTS and not _is_off(node.value):
                yield index


def _is_off(value: Node | None) -> bool:
    return isinstance(value, tree.Constant) and not value.value
