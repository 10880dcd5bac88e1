"""Keys that code reads from rows, and which of them their statement does not select."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts, functions_of
from cdlint.rule import Location

from ._rows import Rows, readers, rows_of
from ._sites import Place, value_of

_ERRORS = frozenset({"Exception", "IndexError", "KeyError", "LookupError"})


class Lacking(NamedTuple):
    """A key that `by` reads of a row and that is not selected; `elsewhere` says that other statements have it."""

    key: str
    read: Location
    statement: Location
    by: Symbol
    elsewhere: bool


def lacking(project: Project) -> tuple[Lacking, ...]:
    """All of them: those that a function reads of its own rows, and of those that it is given."""
    found: dict[tuple[Location, str], Lacking] = {}
    given: dict[tuple[Symbol, str], dict[Location, Rows]] = {}
    for place in project[readers]:
        function = project[functions_of, place.path].get(place.qualname)
        if function is None:
            continue
        for node, key in _keys(function):
            rows = rows_of(project, place, node.value)
            if rows is not None and rows.kind == "one" and key.lower() not in rows.columns:
                each = _lacking(place, node, key, rows, False)
                found.setdefault((each.read, key), each)
        for callee, name, rows in _handed(project, place, function):
            given.setdefault((callee, name), {})[rows.at] = rows
    for (callee, name), statements in given.items():
        for each in _of_parameter(project, callee, name, tuple(statements.values())):
            found.setdefault((each.statement if each.elsewhere else each.read, each.key), each)
    return tuple([each for each in found.values() if not _is_set(project, each.key)])


def _lacking(place: Place, node: tree.Subscript, key: str, rows: Rows, elsewhere: bool) -> Lacking:
    by = Symbol("function", place.path, place.qualname)
    return Lacking(key, Location(place.path, node.at), rows.at, by, elsewhere)


def _keys(function: Function) -> Iterator[tuple[tree.Subscript, str]]:
    """The texts under which a function reads items, those left out that it sets or asks for itself."""
    asked = {str(getattr(term, "value", "")) for node in function.every(tree.Compare) for term in node.terms}
    expected = any(_expects(each) for each in function.every(tree.Handler))
    for node in function.every(tree.Subscript) if not expected else ():
        key = _key(node)
        if key and key not in asked and "(" not in key:
            yield node, key


def _expects(handler: tree.Handler) -> bool:
    """Whether an error of a name that is not there is caught."""
    caught = {each.last for each in tree.walk(handler.type) if isinstance(each, tree.Path)}
    return handler.type is None or not _ERRORS.isdisjoint(caught)


def _is_set(project: Project, key: str) -> bool:
    """Whether any code puts something under this name into what it has."""
    for path in project.paths:
        module = project.module(path)
        for function in module.functions if module is not None else ():
            if function.mentions(key):
                targets = [each for node in function.every(tree.Assign) for each in node.targets]
                if any(_key(each) == key for each in targets):
                    return True
    return False


def _key(node: tree.Node) -> str:
    value = node.index.value if isinstance(node, tree.Subscript) and isinstance(node.index, tree.Constant) else None
    return value if isinstance(value, str) else ""


def _handed(project: Project, place: Place, function: Function) -> Iterator[tuple[Symbol, str, Rows]]:
    """The parameters of functions of the repository to which a function gives rows."""
    for call in function.call_nodes:
        for index, each in enumerate(call.args):
            rows = rows_of(project, place, each) if isinstance(each, tree.Path) else None
            answer = value_of(project, place, call.func) if rows is not None and rows.kind == "one" else None
            facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
            if facts is not None and rows is not None and isinstance(answer, Symbol):
                static = any(getattr(mark, "last", "") == "staticmethod" for mark in facts.decorators)
                params = facts.params[1 if facts.owner and not static else 0 :]
                if index < len(params):
                    yield answer, params[index].name, rows


def _of_parameter(project: Project, callee: Symbol, name: str, statements: tuple[Rows, ...]) -> Iterator[Lacking]:
    function = function_facts(project, callee)
    bound = [node for node in (function.nodes if function is not None else ()) if _binds(node, name)]
    if function is None or bound:
        return
    for node, key in _keys(function):
        if getattr(node.value, "text", "") == name:
            without = [each for each in statements if key.lower() not in each.columns]
            for each in without:
                yield _lacking(Place(*callee[1:]), node, key, each, len(without) < len(statements))


def _binds(node: tree.Node, name: str) -> bool:
    targets = node.targets if isinstance(node, tree.Assign) else (getattr(node, "target", None),)
    return any(getattr(each, "text", "") == name for each in targets)
