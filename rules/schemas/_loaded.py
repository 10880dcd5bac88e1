"""What marshmallow schemas give when they load data: the keys, which often go on to the constructor of a model."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling, words
from cdlint.project.classes import ancestry, class_facts, functions_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._marshmallow import is_automatic, schemas, shape_of


def loaded(project: Project, path: str, function: Function, node: Node) -> tuple[Symbol, tuple[str, ...]] | None:
    """The schema behind `Schema().load(...)`, or behind what a `post_load` method is given, with its keys."""
    if isinstance(node, tree.Path) and "." not in node.text:
        owner = Symbol("class", path, function.owner)
        is_given = len(function.params) > 1 and function.params[1].name == node.text
        if not is_given or owner not in project[schemas] or not _is_marked(function, "post_load"):
            return None
        if sum(_is_marked(each, "post_load") for each in _methods(project, owner)) != 1:
            return None
        return owner, _keys(project, owner)
    if not isinstance(node, tree.Call) or getattr(node.func, "last", "") != "load" or node.keyword("many") is not None:
        return None
    made = node.func.value if isinstance(node.func, tree.Attribute) and node.func.text == "load" else None
    if isinstance(node.func, tree.Path):
        made = tree.Path(node.func.text.rpartition(".")[0], node.func.at)
    answer = evaluate(project, (path, function.qualname), made) if made is not None else None
    schema = Symbol("class", answer.path, answer.name) if isinstance(answer, Symbol) else None
    if schema is None or schema not in project[schemas] or not isinstance(answer, Symbol) or answer.kind != "instance":
        return None
    if any(_is_marked(each, "post_load") for each in _methods(project, schema)):
        return None
    return schema, _keys(project, schema)


def _methods(project: Project, cls: Symbol) -> tuple[Function, ...]:
    return tuple(
        each
        for owner in project[ancestry, cls].first_party
        for each in project[functions_of, owner.path].values()
        if each.owner == owner.name
    )


def _is_marked(function: Function, word: str) -> bool:
    return any(word in words(code) for code in function.decorator_codes)


def _keys(project: Project, schema: Symbol) -> tuple[str, ...]:
    """The keys of what is loaded; none where not all are known, or some schema is made of a part of them."""
    shape = project[shape_of, schema]
    if not shape.complete or is_automatic(project, schema) or project[_is_cut, schema.last]:
        return ()
    renamed = {
        field.name
        for owner in project[ancestry, schema].first_party
        if (facts := class_facts(project, owner)) is not None
        for field in facts.fields
        if isinstance(field.value, tree.Call) and field.value.keyword("attribute") is not None
    }
    return tuple(each.name for each in shape.fields if not each.read_only and each.name not in renamed)


def _is_cut(project: Project, name: str) -> bool:
    """Whether a schema of a name is made with some of its fields only."""
    for path in project.paths:
        for function in calling(project, path, frozenset([name])) if not is_aside(path) else ():
            for call in function.call_nodes:
                if getattr(call.func, "last", "") == name and {"only", "exclude"} & {
                    each.name for each in call.keywords
                }:
                    return True
    return False
