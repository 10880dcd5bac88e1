"""Names in the declarations of marshmallow schemas that lead nowhere, and hooks that cannot be called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.shapes import Shape
from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, descendants, functions_of
from cdlint.project.names import resolve
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._marshmallow import is_automatic, schemas, shape_of

_HOOKS = frozenset({"post_dump", "post_load", "pre_dump", "pre_load", "validates_schema"})
_LISTS = ("only", "exclude")


class Broken(NamedTuple):
    """`kind`: `method`, `schema` or `field` that is not there, or a `hook`. `of` is the schema meant."""

    kind: str
    schema: Symbol
    field: str
    name: str
    at: Location
    of: Symbol | None


def broken(project: Project) -> tuple[Broken, ...]:
    """All of them, by file."""
    own = sorted(each for each in project[schemas] if not is_aside(each.path))
    return tuple(found for each in own for found in (*_of_fields(project, each), *_of_hooks(project, each)))


def _of_fields(project: Project, schema: Symbol) -> Iterator[Broken]:
    facts = class_facts(project, schema)
    for binding in facts.fields if facts is not None else ():
        kind = binding.callee.rpartition(".")[2]
        call = binding.value if kind in ("Method", "Nested", "Pluck") else None
        if not isinstance(call, tree.Call) or not _is_of_marshmallow(project, schema, call):
            continue
        if kind == "Method":
            yield from _of_method(project, schema, binding, call)
        else:
            yield from _of_nested(project, schema, binding, call, kind)


def _is_of_marshmallow(project: Project, schema: Symbol, call: tree.Call) -> bool:
    answer = evaluate(project, (schema.path, ""), call.func)
    known = isinstance(answer, Symbol) and answer.kind == "external"
    return known and isinstance(answer, Symbol) and answer.name.startswith(("marshmallow.", "flask_marshmallow."))


def _of_method(project: Project, schema: Symbol, binding: Binding, call: tree.Call) -> Iterator[Broken]:
    for place, option in enumerate(("serialize", "deserialize")):
        name = _text(call.argument(place, option))
        below = project[descendants, schema] if name else ()
        if below and all(_lacks(project, each, name) for each in below):
            yield Broken("method", schema, binding.name, name, Location(schema.path, binding.at), None)


def _lacks(project: Project, schema: Symbol, name: str) -> bool:
    """Whether neither a schema nor an ancestor of the repository has a member, nor gives its objects one."""
    found = project[class_member, (schema, name)]
    shape: Shape = project[shape_of, schema]
    outside = shape.complete and isinstance(found, Symbol) and found.kind == "external"
    if not outside and not isinstance(found, Absent):
        return False
    for owner in project[ancestry, schema].first_party:
        own = [each for each in project[functions_of, owner.path].values() if each.owner == owner.name]
        if any("setattr" in each.lasts or each.name == "__getattr__" or each.mentions(f".{name}") for each in own):
            return False
    return True


def _of_nested(project: Project, schema: Symbol, binding: Binding, call: tree.Call, kind: str) -> Iterator[Broken]:
    given = call.argument(0, "nested")
    text = _text(given)
    at = Location(schema.path, binding.at)
    named = sorted(each for each in project[schemas] if each.last == text)
    if text and "." not in text and text != "self" and not named:
        yield Broken("schema", schema, binding.name, text, at, None)
        return
    meant = named[0] if len(named) == 1 else _class_of(project, schema.path, given)
    shape: Shape | None = project[shape_of, meant] if meant is not None and meant in project[schemas] else None
    if shape is None or not shape.complete or meant is None or is_automatic(project, meant):
        return  # An automatic one may have the relationships of its model as well.
    names = {each.name for each in shape.fields}
    wanted = [_text(call.argument(1, "field_name"))] if kind == "Pluck" else []
    for option in _LISTS:
        wanted.extend(_texts(call.keyword(option)))
    for name in wanted:
        if name and name.partition(".")[0] not in names:
            yield Broken("field", schema, binding.name, name, at, meant)


def _class_of(project: Project, path: str, node: Node | None) -> Symbol | None:
    answer = project[resolve, (path, node.text)] if isinstance(node, tree.Path) else None
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else None


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, tree.Constant) and isinstance(node.value, str) else ""


def _texts(node: Node | None) -> Iterator[str]:
    if isinstance(node, tree.Sequence):
        yield from (_text(each) for each in node.items)


def _of_hooks(project: Project, schema: Symbol) -> Iterator[Broken]:
    """Hooks that take nothing but the data: marshmallow gives them `many` and more besides, since its version 3."""
    facts = class_facts(project, schema)
    for name in facts.methods if facts is not None and not project[satisfied, (("marshmallow", "<3"),)] else ():
        function = project[functions_of, schema.path].get(f"{schema.name}.{name}")
        if function is None or len(function.params) != 2 or any(each.kind == "**" for each in function.params):
            continue
        for node in function.decorators if len(function.decorator_codes) == 1 else ():
            marker = node.func if isinstance(node, tree.Call) else node
            answer = evaluate(project, (schema.path, ""), marker)
            if isinstance(answer, Symbol) and answer.name.startswith("marshmallow.") and answer.last in _HOOKS:
                at: At = function.at
                yield Broken("hook", schema, name, answer.last, Location(schema.path, at), None)
