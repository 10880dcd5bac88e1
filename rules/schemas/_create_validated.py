"""Where tables of SQLModel are validated from a schema, and the required fields that nothing gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, class_facts, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._entities import model_named, models
from ._made import dumped, has_own
from ._pairs import is_concerned, kinds
from ._pydantic import shape_of

_METHODS = frozenset({"model_validate", "from_orm", "parse_obj"})
_OWN = frozenset({"__init__", "__new__", "model_validate", "from_orm", "parse_obj"})
_READY = frozenset({"model_validator", "root_validator", "validator"})


class Validated(NamedTuple):
    """A call that makes an instance of `model` out of a schema, and the required fields that it does not get."""

    function: Symbol
    model: Symbol
    schema: Symbol
    call: tree.Call
    lacking: tuple[str, ...]


def validated(project: Project) -> tuple[Validated, ...]:
    """The calls that are refused each time, outside of tests."""
    if not project[is_concerned]:
        return ()
    return tuple(each for path in project.paths for each in project[_validated_in, path])


def _validated_in(project: Project, path: str) -> tuple[Validated, ...]:
    module = None if is_aside(path) else project.module(path)
    found = []
    for function in module.functions if module else ():
        wanted = {text for text in function.calls if text.rpartition(".")[2] in _METHODS and text[0] != "?"}
        owners = {
            text: model_named(project, (path, function.qualname), tree.Path(text.rpartition(".")[0], function.at))
            for text in wanted
        }
        for call in function.call_nodes if any(owners.values()) else ():
            model = owners.get(call.func.text) if isinstance(call.func, tree.Path) else None
            each = _of_call(project, path, function, model, call) if model is not None else None
            if each is not None and each.lacking:
                found.append(each)
    return tuple(found)


def _of_call(project: Project, path: str, function: Function, model: Symbol, call: tree.Call) -> Validated | None:
    if project[kinds].get(model) != "sqlmodel" or not project[_is_plain, model]:
        return None
    given, updated = call.argument(0, "obj"), _updated(project, path, function, call.keyword("update"))
    if given is None or updated is None or any(name is None for name, _ in call.keywords):
        return None
    source = _source(project, path, function, given)
    if source is None:
        return None
    schema, names = source
    shape = project[shape_of, (model, "sqlmodel")]
    relations = {relation.name for relation in project[models][model].relations}
    lacking = [
        field.name
        for field in shape.fields
        if field.required
        and field.name not in names | updated | relations
        # A property or a method of the schema is read like a field.
        and not has_own(project, schema, frozenset({field.name}))
    ]
    return Validated(Symbol("function", path, function.qualname), model, schema, call, tuple(lacking))


def _is_plain(project: Project, model: Symbol) -> bool:
    """Whether all fields of a table are known and nothing of its own prepares what it is given."""
    if not project[shape_of, (model, "sqlmodel")].complete or has_own(project, model, _OWN):
        return False
    for owner in project[ancestry, model].first_party:
        facts = class_facts(project, owner)
        for name in facts.methods if facts is not None else ():
            method = function_facts(project, Symbol("function", owner.path, f"{owner.name}.{name}"))
            words = {_last(node) for node in (method.decorators if method is not None else ())}
            if not _READY.isdisjoint(words):
                return False
    return True


def _last(node: Node) -> str:
    return getattr(node.func if isinstance(node, tree.Call) else node, "last", "")


def _source(project: Project, path: str, function: Function, node: Node) -> tuple[Symbol, frozenset[str]] | None:
    """The schema that is given, itself or dumped, with the names of what it brings."""
    found = dumped(project, path, function, behind(project, path, function, node))
    if found is not None:
        return found.schema, frozenset(found.fields)
    answer = evaluate(project, (path, function.qualname), node)
    if not isinstance(answer, Symbol) or answer.kind != "instance":
        return None
    schema = Symbol("class", answer.path, answer.name)
    kind = project[kinds].get(schema)
    shape = project[shape_of, (schema, kind)] if kind is not None and schema not in project[models] else None
    return (schema, frozenset(field.name for field in shape.fields)) if shape is not None and shape.complete else None


def behind(project: Project, path: str, function: Function, node: Node) -> Node:
    """What a variable holds that is assigned once and given away once, with nothing done to it between."""
    if not isinstance(node, tree.Path) or "." in node.text:
        return node
    values = project[local_assignments, (path, function.qualname)].get(node.text, ())
    uses = [each for each in function.nodes if isinstance(each, tree.Path) and each.root == node.text]
    return values[0][0] or node if len(values) == 1 and len(uses) == 2 else node


def _updated(project: Project, path: str, function: Function, node: Node | None) -> frozenset[str] | None:
    """The keys of `update=`; None when they are not all known."""
    if node is None:
        return frozenset()
    if isinstance(node, tree.Path) and "." not in node.text:
        values = project[local_assignments, (path, function.qualname)].get(node.text, ())
        node = values[0][0] if len(values) == 1 else None
    if not isinstance(node, tree.Mapping):
        return None
    keys = list(_keys(node))
    return frozenset(keys) if len(keys) == len(node.items) else None


def _keys(node: tree.Mapping) -> Iterator[str]:
    for key, _ in node.items:
        if isinstance(key, tree.Constant) and isinstance(key.value, str):
            yield key.value
