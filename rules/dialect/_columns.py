"""Columns of SQLAlchemy whose type is one of all databases, and the operators that only PostgreSQL's own types have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.stack import databases
from cdlint.facts import tree
from cdlint.facts.model import Binding, Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import classes_of, fields, functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_MAKERS = frozenset({"Column", "mapped_column", "Field", "deferred"})
_KINDS = ("ARRAY", "JSON")
_MODULES = ("sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql.sqltypes", "flask_sqlalchemy.SQLAlchemy()")
_GENERIC = {
    f"{module}.{kind}{call}{variant}": kind
    for module in _MODULES
    for kind in _KINDS
    for call in ("", "()")
    for variant in ("", ".with_variant()")
}
_LACKING = {
    "ARRAY": frozenset({"contains", "contained_by", "overlap"}),
    "JSON": frozenset({"contained_by", "has_key", "has_any", "has_all", "path_exists", "path_match", "astext"}),
}
_METHODS = frozenset().union(*_LACKING.values()) | {"contains"}


class Generic(NamedTuple):
    """A column. `kind` is `ARRAY` or `JSON`."""

    kind: str
    owner: Symbol
    name: str
    path: str
    at: At


class Misused(NamedTuple):
    """An operator on such a column."""

    operator: str
    column: Generic
    at: At


class Place(NamedTuple):
    """A function of a file."""

    path: str
    qualname: str


def generic(project: Project) -> dict[tuple[Symbol, str], Generic]:
    """(class, attribute) -> the column, for those of a generic array or JSON type."""
    return {
        (each.owner, each.name): each
        for path in project.paths
        if not is_aside(path)
        for each in project[_generic_in, path]
    }


def _generic_in(project: Project, path: str) -> tuple[Generic, ...]:
    module = project.module(path)
    found = []
    for cls in module.classes if module is not None else ():
        for binding in cls.fields:
            if binding.callee.rpartition(".")[2] in _MAKERS and not {*_KINDS}.isdisjoint(words(binding.value_code)):
                kind = _kind(project, path, binding)
                if kind:
                    found.append(Generic(kind, Symbol("class", path, cls.qualname), binding.name, path, binding.at))
    return tuple(found)


def written_types(made: Node | None) -> Iterator[Node]:
    """What may be the type in the call that makes a column: its positional arguments, and those that say so."""
    while isinstance(made, tree.Call):
        yield from made.args
        yield from (each for name in ("type_", "sa_type") if (each := made.keyword(name)) is not None)
        made = made.keyword("sa_column")


def _kind(project: Project, path: str, binding: Binding) -> str:
    for node in written_types(binding.value):
        answer = _value(project, path, node)
        if isinstance(answer, Symbol) and answer.kind == "external" and answer.name in _GENERIC:
            return _GENERIC[answer.name]
    return ""


def _value(project: Project, path: str, node: Node) -> object:
    try:
        return evaluate(project, (path, ""), node)
    except CyclicFact:
        return None


def using(project: Project) -> tuple[Place, ...]:
    """The functions that may apply such an operator."""
    if not project[generic]:
        return ()
    return tuple(place for path in project.paths if not is_aside(path) for place in project[_using_in, path])


def _using_in(project: Project, path: str) -> tuple[Place, ...]:
    names, module = project[_names], project.module(path)
    return tuple(
        Place(path, function.qualname)
        for function in (module.functions if module is not None else ())
        if _may_use(function) and any(function.mentions(name) for name in names)
    )


def _names(project: Project) -> frozenset[str]:
    return frozenset(name for _, name in project[generic])


def _may_use(function: Function) -> bool:
    return function.mentions("astext") or not _METHODS.isdisjoint(function.lasts)


def misused(project: Project, place: Place) -> Iterator[Misused]:
    """The operators in a function that the column's type does not have."""
    function = project[functions_of, place.path].get(place.qualname)
    for node in tree.walk(*(function.body if function is not None else ())):
        if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.last in _METHODS:
            column = _column(project, place, node.func.text.rpartition(".")[0])
            if column is not None and _lacks(project, column.kind, node.func.last):
                yield Misused(node.func.last, column, node.at)
        elif isinstance(node, tree.Attribute) and node.text.partition(".")[0] == "astext":
            owner = node.value
            while isinstance(owner, tree.Subscript):
                owner = owner.value
            column = _column(project, place, owner.text) if isinstance(owner, tree.Path) else None
            if column is not None and column.kind == "JSON":
                yield Misused("astext", column, node.at)


def _lacks(project: Project, kind: str, operator: str) -> bool:
    if kind == "JSON" and operator == "contains":
        # There it means LIKE, which PostgreSQL has not for this type.
        return {each.name for each in project[databases] if not is_aside(each.at.path)} == {"postgresql"}
    return operator in _LACKING[kind]


def _column(project: Project, place: Place, text: str) -> Generic | None:
    """The column that a dotted name means: `Article.tags`."""
    owner, _, name = text.rpartition(".")
    if not owner:
        return None
    if owner in ("cls", "self") and place.qualname:
        function = project[functions_of, place.path][place.qualname]
        answer: object = Symbol("class", place.path, function.owner) if owner == "cls" else None
    else:
        answer = resolve_in(project, place.path, place.qualname, owner)
    if not isinstance(answer, Symbol) or answer.kind != "class" or answer.name not in project[classes_of, answer.path]:
        return None
    for holder, binding in fields(project, answer):
        if binding.name == name:
            return project[generic].get((holder, name))
    return None
