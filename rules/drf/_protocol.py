"""In which order functions use serializers: validated before saved, many rows said to be many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import called_names, calling
from cdlint.project.classes import (
    ancestry,
    class_facts,
    class_member,
    descendants,
    function_facts,
    functions_of,
    resolve_in,
)
from cdlint.project.places import is_aside

from ._rows import shape_of
from ._serializers import serializer, serializers

_NEEDS = ("save", "validated_data", "data")
_MANY = frozenset({"all", "filter", "exclude", "order_by", "select_related", "prefetch_related", "distinct"})
_BY_VIEW = frozenset({"get_serializer"})
_ROWS = frozenset({"self.get_queryset", "self.filter_queryset", "self.paginate_queryset"})


class Use(NamedTuple):
    """A function that may use serializers."""

    path: str
    qualname: str


class Misorder(NamedTuple):
    """`why`: `unchecked`, `ignored` (the result of `is_valid()`) or `many`."""

    why: str
    shape: str
    name: str
    at: At


def using(project: Project) -> tuple[Use, ...]:
    """The functions that make serializers; tests are left out."""
    paths = project.paths if project[_names] else ()
    return tuple(dict.fromkeys(use for path in paths if not is_aside(path) for use in project[_using_in, path]))


def acting(project: Project) -> tuple[Use, ...]:
    """These, and those that ask their view for a serializer."""
    found = dict.fromkeys(project[using])
    for path in project.paths if project[_names] else ():
        for function in calling(project, path, _BY_VIEW) if not is_aside(path) else ():
            found.setdefault(Use(path, function.qualname))
    return tuple(found)


def _names(project: Project) -> frozenset[str]:
    """The last names of the serializers."""
    return frozenset(each.name.last for each in project[serializers])


def _using_in(project: Project, path: str) -> tuple[Use, ...]:
    names, module = project[_names], project.module(path)
    if module is None or not names:
        return ()
    known = names.union(each.alias for each in module.imports if each.renamed and each.name in names)
    if known.isdisjoint(project[called_names, path]):
        return ()
    return tuple(Use(path, function.qualname) for function in module.functions if not known.isdisjoint(function.lasts))


def misordered(project: Project, use: Use) -> tuple[Misorder, ...]:
    """What a function does with serializers out of order."""
    function = project[functions_of, use.path].get(use.qualname)
    return tuple(dict.fromkeys(_misordered(project, use, function))) if function is not None else ()


def _misordered(project: Project, use: Use, function: Function) -> Iterator[Misorder]:
    nodes = list(function.nodes)
    assigned: dict[str, list[Node]] = {}
    for node in nodes:
        for target in node.targets if isinstance(node, tree.Assign) else ():
            if isinstance(target, tree.Path):
                assigned.setdefault(target.text, []).append(node.value)
    for node in nodes:
        if not isinstance(node, tree.Call) or not isinstance(node.func, tree.Path):
            continue
        shape = _shape(project, use, function, node.func.text)
        if shape is None:
            continue
        if _is_many(node, assigned) and not _is_list(project, shape):
            yield Misorder("many", shape.last, "", node.at)
        if node.keyword("data") is not None:
            names = [name for name, values in assigned.items() if len(values) == 1 and values[0] is node]
            for name in names:
                for each in _of_variable(nodes, shape, name, node):
                    if each.why != "ignored" or not _is_own(node.keyword("data"), assigned):
                        yield each
    for node in nodes:
        if (
            isinstance(node, tree.Attribute)
            and node.text.partition(".")[0] in _NEEDS
            and isinstance(node.value, tree.Call)
        ):
            made = node.value
            shape = _shape(project, use, function, made.func.text) if isinstance(made.func, tree.Path) else None
            if shape is not None and made.keyword("data") is not None:
                yield Misorder("unchecked", shape.last, node.text.partition(".")[0], node.at)


def _is_own(data: Node | None, assigned: dict[str, list[Node]]) -> bool:
    """Whether the function writes the data out itself, so that it is never invalid."""
    values = assigned.get(data.text, []) if isinstance(data, tree.Path) else [data]
    return bool(values) and all(isinstance(value, tree.Mapping) for value in values)


def _shape(project: Project, use: Use, function: Function, text: str) -> Symbol | None:
    scope = use.qualname if text.partition(".")[0] in function.binds else ""
    if text == "self.get_serializer" and function.owner:
        if any(isinstance(each, tree.Call) and each.keyword("serializer_class") for each in function.decorators):
            return None
        answer: Answer | None = _of_view(project, Symbol("class", use.path, function.owner))
    else:
        answer = resolve_in(project, use.path, scope, text)
    if not isinstance(answer, Symbol) or answer.kind != "class" or project[serializer, answer] is None:
        return None
    for owner in project[ancestry, answer].first_party:
        facts = class_facts(project, owner)
        if facts is not None and not {"__init__", "__new__", "is_valid", "data", "save"}.isdisjoint(facts.methods):
            return None
    return answer


def _of_view(project: Project, view: Symbol) -> Symbol | None:
    """The serializer that every action of a view takes, where it and the views below it leave that to the framework."""
    family = [owner for each in project[descendants, view] for owner in project[ancestry, each].first_party]
    methods = {name for each in family if (facts := class_facts(project, each)) is not None for name in facts.methods}
    outside = project[ancestry, view]
    known = not outside.unknown and any(each.startswith("rest_framework.") for each in outside.external)
    decides = not methods.isdisjoint({"get_serializer", "get_serializer_class"})
    return shape_of(project, view) if known and not decides else None


def _is_list(project: Project, shape: Symbol) -> bool:
    """Whether a serializer takes many rows at once, or shows what it is given in a way of its own."""
    if any(name.endswith("ListSerializer") for name in project[ancestry, shape].external):
        return True
    found = project[class_member, (shape, "to_representation")]
    shows = function_facts(project, found) if isinstance(found, Symbol) and found.kind == "function" else None
    return shows is not None and "to_representation" not in shows.lasts


def _is_many(call: tree.Call, assigned: dict[str, list[Node]]) -> bool:
    if any(each.name in ("many", None) for each in call.keywords):
        return False
    given = call.argument(0, "instance")
    if isinstance(given, tree.Path) and "." not in given.text:
        values = assigned.get(given.text, [])
        given = values[0] if len(values) == 1 else None
    if not isinstance(given, tree.Call):
        return False
    if getattr(given.func, "text", "") in _ROWS:
        return True
    inner: Node = given
    last = getattr(inner.func, "last", "")
    while isinstance(inner, tree.Call) and isinstance(inner.func, tree.Attribute):
        if "." in inner.func.text:
            return False
        inner = inner.func.value
    started = isinstance(inner, tree.Call) and isinstance(inner.func, tree.Path)
    return last in _MANY and started and ".objects." in inner.func.text


def _of_variable(nodes: list[Node], shape: Symbol, name: str, made: tree.Call) -> Iterator[Misorder]:
    """How a serializer that a variable holds is used."""
    reads = [
        (node, node.text[len(name) + 1 :].partition(".")[0])
        for node in nodes
        if isinstance(node, tree.Path) and node.text.startswith(name + ".") and node.at[:2] > made.at[:2]
    ]
    if any(isinstance(node, tree.Path) and node.text == name and node.at[:2] > made.at[:2] for node in nodes):
        return  # Given to something that may validate it.
    checks = [node for node, attribute in reads if attribute == "is_valid"]
    needs = [(node, attribute) for node, attribute in reads if attribute in _NEEDS]
    if not checks:
        if needs and not any(attribute in ("initial_data", "run_validation") for _, attribute in reads):
            yield Misorder("unchecked", shape.last, needs[0][1], needs[0][0].at)
        return
    if any(attribute == "errors" for _, attribute in reads):
        return
    bare = [
        node.value
        for node in nodes
        if isinstance(node, tree.Expression) and isinstance(node.value, tree.Call) and node.value.func in checks
    ]
    if len(bare) == len(checks) and all(not call.args and not call.keywords for call in bare):
        used = [attribute for _, attribute in needs if attribute in ("save", "validated_data")]
        if used:
            yield Misorder("ignored", shape.last, used[0], bare[0].at)
