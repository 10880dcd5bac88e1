"""Columns that must have a value and get none where an instance is made and added to a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.tables import Column
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import ancestry, class_facts, functions_of

from ._entities import models
from ._made import Made, made

_ADDING = frozenset({"add", "add_all"})
_HARMLESS = frozenset({"add", "add_all", "refresh", "expunge", "flush", "commit", "merge", "print", "repr", "str"})
_LISTENING = frozenset({"listens_for", "listen"})


class Unset(NamedTuple):
    """A column that an added instance has no value for."""

    made: Made
    column: Column


def unset(project: Project) -> tuple[Unset, ...]:
    """All of them; none when the repository listens to what mappers and sessions do."""
    suspects = [each for each in project[made] if each.known and _may_lack(project, each)]
    if not suspects or any(not _LISTENING.isdisjoint(project[called_names, path]) for path in project.paths):
        return ()
    return tuple(Unset(each, column) for each in suspects for column in _lacking(project, each))


def _wanting(project: Project, model: Symbol) -> tuple[Column, ...]:
    """The columns of a model that only its maker gives a value."""
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        if facts is None or any(each.name == "__mapper_args__" for each in facts.fields):
            return ()
        if "__mapper_args__" in facts.methods or "MappedAsDataclass" in str(project[ancestry, owner].external):
            return ()
    table = project[models][model]
    return tuple(
        each
        for each in table.columns
        if each.nullable is False and each.has_default is False and each.primary_key is False and each.attr
    )


def _may_lack(project: Project, each: Made) -> bool:
    given = {*each.given, *(each.dump.fields if each.dump is not None else ())}
    return any(column.attr not in given for column in project[_wanting, each.model])


def _lacking(project: Project, each: Made) -> Iterator[Column]:
    function = project[functions_of, each.function.path].get(each.function.name)
    if function is None:
        return
    set_later = _added(function, each.call)
    if set_later is None:
        return
    given = {*each.given, *(each.dump.fields if each.dump is not None else ()), *set_later}
    relations = {relation.name for relation in project[models][each.model].relations}
    for column in project[_wanting, each.model]:
        if column.attr not in given and not (column.fk and given & relations):
            yield column


def _added(function: Function, call: tree.Call) -> frozenset[str] | None:
    """What is set on a new instance before it is added to a session; None when it is not added, or goes elsewhere."""
    name = ""
    for node in function.nodes:
        if isinstance(node, tree.Assign) and node.value is not None and _holds(node.value, call):
            target = node.targets[0] if len(node.targets) == 1 else None
            name = target.text if isinstance(target, tree.Path) and "." not in target.text else ""
        adds = isinstance(node, tree.Call) and getattr(node.func, "last", "") == "add"
        if adds and any(_holds(each, call) for each in node.args):
            return frozenset()
    return _life(function, name) if name else None


def _holds(node: Node, call: tree.Call) -> bool:
    return isinstance(node, tree.Call) and node.at == call.at


def _life(function: Function, name: str) -> frozenset[str] | None:
    """The attributes set on a variable, when all else that happens to it is seen and it is added to a session."""
    found: set[str] = set()
    bare = allowed = 0
    added = False
    for node in function.nodes:
        if isinstance(node, tree.Path) and node.text == name:
            bare += 1
        if isinstance(node, tree.Path) and node.text.startswith(f"{name}."):
            found.add(node.text.split(".")[1])
        if isinstance(node, tree.Assign):
            allowed += sum(1 for each in node.targets if _is(each, name))
        elif isinstance(node, tree.Return):
            allowed += _is(node.value, name)
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in _HARMLESS:
            hits = sum(1 for each in node.args for part in _inside(each) if _is(part, name))
            allowed += hits
            added = added or (bool(hits) and getattr(node.func, "last", "") in _ADDING)
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("model_validate", "from_orm"):
            allowed += sum(1 for each in node.args if _is(each, name))
    return frozenset(found) if added and bare == allowed else None


def _inside(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, tree.Sequence) else (node,)


def _is(node: Node | None, name: str) -> bool:
    return isinstance(node, tree.Path) and bool(node.text == name)
