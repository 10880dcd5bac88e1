"""Columns that must have a value and get none where an instance is made and added to a session."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import NamedTuple

from cdlint.backend.tables import Column
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts, functions_of
from cdlint.project.places import is_aside

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
    set_later = _added(function, each.call, project[savers])
    if set_later is None:
        return
    passed = {*each.given, *(each.dump.fields if each.dump is not None else ())}
    # A property's setter is a method of the same name, which a keyword runs as well.
    given = {*passed, *set_later, *_set_by(project, each.model, passed | set_later)}
    relations = {relation.name for relation in project[models][each.model].relations}
    for column in project[_wanting, each.model]:
        if column.attr not in given and not (column.fk and given & relations):
            yield column


def _set_by(project: Project, model: Symbol, names: Set[str]) -> set[str]:
    """The attributes that methods of a model, where names are some, set on the instance, also through each other."""
    found: set[str] = set()
    pending, seen = list(names), set(names)
    while pending:
        method = project[class_member, (model, pending.pop())]
        facts = function_facts(project, method) if isinstance(method, Symbol) and method.kind == "function" else None
        if facts is None or not facts.params:
            continue
        own = f"{facts.params[0].name}."
        for node in facts.nodes:
            if isinstance(node, tree.Assign):
                found.update(
                    each.text[len(own) :] for each in node.targets if getattr(each, "text", "").startswith(own)
                )
            called = getattr(node.func, "text", "") if isinstance(node, tree.Call) else ""
            if called.startswith(own) and called[len(own) :] not in seen:
                seen.add(called[len(own) :])
                pending.append(called[len(own) :])
    return found


def savers(project: Project) -> frozenset[str]:
    """The names of the functions that add what they are given to a session as it is, whichever of a name is called."""
    found: dict[str, bool] = {}
    for path in project.paths:
        for name, saves in project[_savers_in, path] if not is_aside(path) else ():
            found[name] = found.get(name, True) and saves
    return frozenset(name for name, saves in found.items() if saves)


def _savers_in(project: Project, path: str) -> tuple[tuple[str, bool], ...]:
    """The functions of a file by name, with whether each is one."""
    return tuple(dict.fromkeys((each.name, _saves(each)) for each in project[functions_of, path].values() if each.name))


def _saves(function: Function) -> bool:
    if not any(call.endswith(".add") for call in function.calls) or not function.params:
        return False
    own = function.params[1:] if function.owner else function.params
    return len(own) == 1 and not function.holds(tree.For) and _life(function, own[0].name, _ADDING) == frozenset()


def _added(function: Function, call: tree.Call, saving: frozenset[str]) -> frozenset[str] | None:
    """What is set on a new instance before it is added to a session; None when it is not added, or goes elsewhere."""
    name = ""
    for node in function.nodes:
        if isinstance(node, tree.Assign) and node.value is not None and _holds(node.value, call):
            target = node.targets[0] if len(node.targets) == 1 else None
            name = target.text if isinstance(target, tree.Path) and "." not in target.text else ""
        adds = isinstance(node, tree.Call) and getattr(node.func, "last", "") in {"add", *saving}
        if isinstance(node, tree.Call) and adds and any(_holds(each, call) for each in node.args):
            return frozenset()
    return _life(function, name, _ADDING | saving) if name else None


def _holds(node: Node, call: tree.Call) -> bool:
    return isinstance(node, tree.Call) and node.at == call.at


def _life(function: Function, name: str, adding: frozenset[str]) -> frozenset[str] | None:
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
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in _HARMLESS | adding:
            hits = sum(1 for each in node.args for part in _inside(each) if _is(part, name))
            allowed += hits
            added = added or (bool(hits) and getattr(node.func, "last", "") in adding)
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("model_validate", "from_orm"):
            allowed += sum(1 for each in node.args if _is(each, name))
    return frozenset(found) if added and bare == allowed else None


def _inside(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, tree.Sequence) else (node,)


def _is(node: Node | None, name: str) -> bool:
    return isinstance(node, tree.Path) and bool(node.text == name)
