"""Where code names a column that a table made by `Table(...)` does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._statements import MAKERS, NEUTRAL, Place, receiver_of
from ._tables import CoreTable, core_tables

_COLLECTIONS = frozenset({"c", "columns"})
_OF_COLLECTION = frozenset(
    {"compare", "contains_column", "corresponding_column", "get", "items", "keys", "values", "as_readonly"}
)
_OF_TABLE = frozenset(
    {"alias", "autoincrement_column", "columns", "compare", "comment", "compile", "constraints", "create", "delete",
     "description", "dialect_options", "dispatch", "drop", "exported_columns", "foreign_keys", "fullname", "indexes",
     "info", "insert", "is_view", "join", "key", "kwargs", "metadata", "name", "params", "primary_key", "schema",
     "select", "selectable", "table", "update"}
)  # fmt: skip
"""What a table itself has that a column may be called as well."""


class Lacking(NamedTuple):
    """A name that is no column of a table. `kind`: `column`, `values`, or `table` for a column read of the table."""

    kind: str
    table: CoreTable
    name: str
    at: At


def known_tables(project: Project) -> dict[Symbol, CoreTable]:
    """The tables all of whose columns are known, by the variables that hold them."""
    found: dict[Symbol, list[CoreTable]] = {}
    for each in project[core_tables]:
        if each.variable is not None:
            found.setdefault(each.variable, []).append(each)
    late = any(project[_adds_columns, path] for path in project.paths) if found else True
    alone = {variable: each[0] for variable, each in found.items() if len(each) == 1 and not late}
    return {
        variable: each
        for variable, each in alone.items()
        if each.complete and _names(each) and not project[_has_keys, each.path]
    }


def _has_keys(project: Project, path: str) -> bool:
    """Whether a column of a file is known by another name than its own."""
    functions = project[functions_of, path].values()
    calls = (call for each in functions if each.mentions("Column") for call in each.call_nodes)
    return any(getattr(call.func, "last", "") == "Column" and call.keyword("key") is not None for call in calls)


def _adds_columns(project: Project, path: str) -> bool:
    module = project.module(path)
    names = ("append_column", "insert_column", "replace_columns")
    return any(not each.lasts.isdisjoint(names) for each in (module.functions if module else ()))


def _names(table: CoreTable) -> frozenset[str]:
    """The names of all columns, nothing when one is not known."""
    names = [name for each in table.columns for name in (each.name, each.attr or each.name)]
    return frozenset(name for name in names if name) if None not in names else frozenset()


def tabling(project: Project) -> tuple[Place, ...]:
    """The functions that may name a column of such a table."""
    paths = [path for path in project.paths if project[_words] and not is_aside(path)]
    return tuple(place for path in paths for place in project[_tabling_in, path])


def _tabling_in(project: Project, path: str) -> tuple[Place, ...]:
    functions = project[functions_of, path].values()
    return tuple(Place(path, function.qualname) for function in functions if _may_name(project, function))


def _may_name(project: Project, function: Function) -> bool:
    return any(map(function.mentions, project[_words]))


def _words(project: Project) -> frozenset[str]:
    """The last names of the variables that hold such tables."""
    return frozenset(each.last for each in project[known_tables])


def lacking(project: Project, place: Place) -> tuple[Lacking, ...]:
    """What a function names that is no column."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or not _may_name(project, function):
        return ()
    known = project[known_tables]
    found = [*_read(project, place, function, known), *_given(project, place, function, known)]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.at, each.name)))


def _table(project: Project, place: Place, text: str, known: dict[Symbol, CoreTable]) -> CoreTable | None:
    answer = resolve_in(project, place.path, place.qualname, text)
    return known.get(answer) if isinstance(answer, Symbol) else None


def _read(project: Project, place: Place, function: Function, known: dict[Symbol, CoreTable]) -> Iterator[Lacking]:
    words = project[_words]
    for node in function.every(tree.Path):
        parts = node.text.split(".") if "." in node.text else []
        for index in range(1, len(parts)):
            if parts[index - 1] not in words and index > 2:
                break
            table = _table(project, place, ".".join(parts[:index]), known)
            if table is not None:
                yield from _named(table, parts[index:], node.at)
                break


def _named(table: CoreTable, rest: list[str], at: At) -> Iterator[Lacking]:
    if rest[0] in _COLLECTIONS:
        name = rest[1] if len(rest) > 1 else ""
        if name and not name.startswith("_") and name not in _names(table) | _OF_COLLECTION:
            yield Lacking("column", table, name, at)
    elif rest[0] in _names(table) and rest[0] not in _OF_TABLE:
        yield Lacking("table", table, rest[0], at)


def _given(project: Project, place: Place, function: Function, known: dict[Symbol, CoreTable]) -> Iterator[Lacking]:
    """`values(name=...)` of a statement that writes to a table."""
    if not any(call.rpartition(".")[2] == "values" for call in function.calls):
        return
    for call in function.call_nodes:
        receiver = receiver_of(call) if getattr(call.func, "last", "") == "values" else None
        table = _written(project, place, receiver, known) if receiver is not None else None
        if table is None:
            continue
        named = [(each.name, each.value.at) for each in call.keywords if each.name]
        for node in call.args[:1]:
            for key, _ in node.items if isinstance(node, tree.Mapping) else ():
                if isinstance(key, tree.Constant) and isinstance(key.value, str):
                    named.append((key.value, key.at))
        yield from (Lacking("values", table, name, at) for name, at in named if name not in _names(table))


def _written(project: Project, place: Place, node: Node, known: dict[Symbol, CoreTable]) -> CoreTable | None:
    """The table that a statement inserts into or updates."""
    while isinstance(node, tree.Call) and getattr(node.func, "last", "") in NEUTRAL | {"returning"}:
        inner = receiver_of(node)
        if inner is None:
            return None
        node = inner
    if not isinstance(node, tree.Call) or getattr(node.func, "last", "") not in ("insert", "update"):
        return None
    owner = receiver_of(node)
    if isinstance(owner, tree.Path) and not node.args:
        return _table(project, place, owner.text, known)
    given = node.args[0] if len(node.args) == 1 else None
    if not isinstance(given, tree.Path) or MAKERS.get(_meaning(project, place, node.func)) is None:
        return None
    return _table(project, place, given.text, known)


def _meaning(project: Project, place: Place, node: Node) -> str:
    try:
        answer = evaluate(project, place, node)
    except CyclicFact:
        return ""
    return answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
