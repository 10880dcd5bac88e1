"""Loader options that do not fit the statement that they are given to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._models import model
from ._names import imports_it, is_used, outside_word
from ._registry import destination, is_related, lineage
from ._statements import Place, mapped_class, receiver_of, statement
from ._version import is_two

LOADERS = frozenset(
    {
        "joinedload", "selectinload", "subqueryload", "lazyload", "noload", "raiseload", "immediateload",
        "contains_eager", "defaultload",
    }
)  # fmt: skip


class Misfit(NamedTuple):
    """An option. `kind`: `string`, `column`, `entity` or `path`; `owner` is its class, `wanted` the right one."""

    kind: str
    option: str
    name: str
    owner: str
    wanted: str
    at: At


def places(project: Project) -> tuple[Place, ...]:
    """The functions that make loader options."""
    paths = [path for path in project.paths if project[imports_it, path]] if project[is_used] else []
    return tuple(place for path in paths for place in project[_places_in, path])


def _places_in(project: Project, path: str) -> tuple[Place, ...]:
    return tuple(Place(path, function.qualname) for function in calling(project, path, LOADERS))


def misfits(project: Project, place: Place) -> Iterator[Misfit]:
    """The options in a function that SQLAlchemy refuses."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in tree.calls(*(function.body if function is not None else ())):
        name = getattr(call.func, "last", "")
        if name in LOADERS and call.args:
            yield from _option(project, place, call, name)
        elif name == "options":
            receiver = receiver_of(call)
            about = statement(project, place, receiver) if receiver is not None else None
            for node in call.args if about is not None else ():
                first = _first(node)
                found = _attribute(project, place, first.args[0]) if first is not None and first.args else None
                if about is None or first is None or found is None or not _is_loader(project, place, first.func):
                    continue
                if not is_related(project, found[0], about.cls):
                    option = getattr(first.func, "last", "")
                    yield Misfit("entity", option, found[1], found[0].last, about.cls.last, first.at)


def _option(project: Project, place: Place, call: tree.Call, name: str) -> Iterator[Misfit]:
    given = call.args[0]
    if isinstance(given, tree.Constant) and isinstance(given.value, str):
        receiver = receiver_of(call)
        chained = receiver is not None and _first(receiver) is not None
        if given.value != "*" and project[is_two] and (chained or _is_loader(project, place, call.func)):
            yield Misfit("string", name, given.value, "", "", call.at)
        return
    before = receiver_of(call)
    found = _attribute(project, place, given)
    first = _first(call)
    if found is not None and name != "defaultload" and _is_column(project, *found):
        if first is not None and _is_loader(project, place, first.func):
            yield Misfit("column", name, found[1], found[0].last, "", call.at)
        return
    if not isinstance(before, tree.Call) or found is None or getattr(before.func, "last", "") not in LOADERS:
        return
    above = _attribute(project, place, before.args[0]) if before.args else None
    start = _first(before)
    if above is None or start is None or not _is_loader(project, place, start.func):
        return
    end = _end(project, *above)
    if end is not None and not is_related(project, found[0], end):
        yield Misfit("path", name, found[1], found[0].last, end.last, call.at)


def _first(node: Node) -> tree.Call | None:
    """The call that a chain of options starts with."""
    while isinstance(node, tree.Call):
        if not isinstance(node.func, tree.Attribute):
            return node if getattr(node.func, "last", "") in LOADERS else None
        node = node.func.value
    return None


def _is_loader(project: Project, place: Place, func: Node) -> bool:
    try:
        answer = evaluate(project, place, func)
    except CyclicFact:
        return False
    return isinstance(answer, Symbol) and answer.kind == "external" and outside_word(answer.name) in LOADERS


def _attribute(project: Project, place: Place, node: Node) -> tuple[Symbol, str] | None:
    """The class and name of `User.posts`."""
    owner, _, name = node.text.rpartition(".") if isinstance(node, tree.Path) else ("", "", "")
    cls = mapped_class(project, place, owner) if owner else None
    return (cls, name) if cls is not None else None


def _end(project: Project, cls: Symbol, name: str) -> Symbol | None:
    """The class that a relationship leads to."""
    for owner in project[lineage, cls]:
        source = project[model, owner]
        relation = next((each for each in source.relations if each.name == name), None) if source is not None else None
        if source is not None and relation is not None:
            return destination(project, source, relation)
    return None


def _is_column(project: Project, cls: Symbol, name: str) -> bool:
    """Whether an attribute is a plain column, which nothing but the statement itself loads."""
    for owner in project[lineage, cls]:
        each = project[model, owner]
        if each is not None and any(relation.name == name for relation in each.relations):
            return False
        if each is not None and any(column.attr == name for column in each.columns):
            return True
    return False
