"""Where schemas are filled with fields that are written out, and the required ones that are not among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.responses import Response, responses
from cdlint.backend.shapes import ShapeField
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts, function_facts, resolve_in
from cdlint.project.places import is_aside

from ._config import generator
from ._create_validated import behind
from ._entities import models
from ._minded import EVERY, is_renamed, minded
from ._numbers import is_read_whole
from ._pairs import describes, kinds
from ._pydantic import shape_of

_REFUSALS = frozenset({"ValidationError", "ValueError"})
"""What catches the refusal of a schema on purpose."""


class Lacking(NamedTuple):
    """A call, or a dictionary that a handler returns, with the required `fields` that it does not give."""

    function: Symbol
    schema: Symbol
    at: At
    fields: tuple[ShapeField, ...]
    surplus: tuple[str, ...]
    """What it gives under names that the schema does not have."""
    response: Response | None


def lacking(project: Project) -> tuple[Lacking, ...]:
    """All of them outside of tests."""
    if not project[describes] or not project[required]:
        return ()
    made = (each for path in project.paths for each in project[_made_in, path])
    returned = (each for response in project[responses] for each in _returned(project, response))
    return (*made, *returned)


def required(project: Project) -> dict[Symbol, tuple[ShapeField, ...]]:
    """Schema -> the fields that it must be given, for those that do nothing to what they are given first."""
    found = {}
    for schema, kind in project[kinds].items():
        fields = project[_required_of, (schema, kind)]
        if fields and schema not in project[models]:
            found[schema] = fields
    return found


def _required_of(project: Project, key: tuple[Symbol, str]) -> tuple[ShapeField, ...]:
    schema, kind = key
    shape, facts = project[shape_of, key], class_facts(project, schema)
    if kind == "dataclass" or not shape.complete or facts is None or facts.conditional:
        return ()
    is_root = any(name.endswith(".RootModel") for name in project[ancestry, schema].external)
    if is_root or generator(project, schema).why or EVERY in minded(project, schema):
        return ()
    return tuple(field for field in shape.fields if field.required and not field.read_only)


def _made_in(project: Project, path: str) -> tuple[Lacking, ...]:
    module = None if is_aside(path) else project.module(path)
    names = project[_names]
    found: list[Lacking] = []
    renamed = {each.alias for each in module.imports if each.renamed and each.name in names} if module else set()
    for function in module.functions if module else ():
        wanted = {
            callee: schema
            for callee, positional, keywords in function.shapes
            if not positional
            and (callee[callee.rfind(".") + 1 :] in names or callee in renamed)
            and (schema := _schema(project, (path, function.qualname), callee)) is not None
            and _left_out(project, schema, keywords)
        }
        if wanted and module is not None:
            found.extend(_of_function(project, path, function, wanted))
    return tuple(found)


def _names(project: Project) -> frozenset[str]:
    return frozenset(schema.last for schema in project[required])


def _schema(project: Project, scope: tuple[str, str], text: str) -> Symbol | None:
    answer = resolve_in(project, *scope, text)
    return answer if isinstance(answer, Symbol) and answer in project[required] else None


def _of_function(project: Project, path: str, function: Function, wanted: dict[str, Symbol]) -> Iterator[Lacking]:
    caught = _caught(function)
    for call in function.call_nodes:
        schema = wanted.get(call.func.text) if isinstance(call.func, tree.Path) else None
        if schema is None or call.args or call.at in caught:
            continue
        given = tuple(each.name or "**" for each in call.keywords)
        fields = _left_out(project, schema, given)
        if fields:
            symbol = Symbol("function", path, function.qualname)
            yield Lacking(symbol, schema, call.at, fields, _surplus(project, schema, given), None)


def _caught(function: Function) -> frozenset[At]:
    """The calls whose refusal is expected."""
    return frozenset(
        node.at
        for each in function.every(tree.Try)
        if any(
            isinstance(name, tree.Path) and name.last in _REFUSALS
            for handler in each.handlers
            for name in tree.walk(handler.type)
        )
        for node in tree.walk(*each.body)
        if isinstance(node, tree.Call)
    )


def _left_out(project: Project, schema: Symbol, given: tuple[str, ...]) -> tuple[ShapeField, ...]:
    """The required fields that are not given; none where more may be given than is written out."""
    if "**" in given or "*" in given:
        return ()
    absent = [each for each in project[required][schema] if not {each.name, each.alias} & {*given}]
    if absent and _surplus(project, schema, given):
        # One that is known under several names may be given under another of them.
        absent = [each for each in absent if not is_renamed(project, each.declared_in or schema, each.name)]
    return tuple(absent)


def _surplus(project: Project, schema: Symbol, given: tuple[str, ...]) -> tuple[str, ...]:
    fields = project[shape_of, (schema, project[kinds][schema])].fields
    return tuple(name for name in given if all(name not in (each.name, each.alias) for each in fields))


def _returned(project: Project, response: Response) -> Iterator[Lacking]:
    handler, schema = response.handler, response.shape
    facts = function_facts(project, handler) if schema in project[required] else None
    if facts is None or is_aside(handler.path) or not is_read_whole(project, schema, facts):
        return
    for node in facts.every(tree.Return):
        value = behind(project, handler.path, facts, node.value) if node.value is not None else None
        for each in _dictionaries(value, response.many):
            keys = tuple(key.value if isinstance(key, tree.Constant) else None for key, _ in each.items)
            given = tuple(key for key in keys if isinstance(key, str))
            fields = _left_out(project, schema, given) if len(given) == len(keys) else ()
            if fields:
                yield Lacking(handler, schema, each.at, fields, _surplus(project, schema, given), response)


def _dictionaries(value: Node | None, many: bool) -> Iterator[tree.Mapping]:
    """The dictionaries that are read into the schema, as far as they are written out."""
    if many and isinstance(value, tree.Sequence):
        yield from (each for each in value.items if isinstance(each, tree.Mapping))
    elif many and isinstance(value, tree.Comprehension) and isinstance(value.element, tree.Mapping):
        yield value.element
    elif not many and isinstance(value, tree.Mapping):
        yield value
