"""Tables made by `Table(...)`, and what happens to metadata while the program runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol

from ._columns import ColumnFact, ForeignRef, columns_in
from ._declarative import FRESH, NOWHERE, Metadata, extension, metadata_of
from ._names import imports_it, is_used
from ._table_args import Constraints, composite, constraints, schema_said, under
from ._terms import Made, Term, made
from ._text import text


class CoreTable(NamedTuple):
    """A table made by a call."""

    variable: Symbol | None
    """The module or class variable that holds it."""
    name: str | None
    schema: str | None
    metadata: str
    default_schema: str | None
    """The schema of a target that is written without one."""
    columns: tuple[ColumnFact, ...]
    refs: tuple[ForeignRef, ...]
    """What its composite foreign keys refer to."""
    constraints: Constraints
    complete: bool
    reflected: bool
    local: bool
    """Whether it is made inside a function."""
    path: str
    at: At


class Reflection(NamedTuple):
    """Tables that arrive while the program runs. `metadata` is `""` when it is not known where."""

    metadata: str
    path: str
    at: At
    what: str


def core_tables(project: Project) -> tuple[CoreTable, ...]:
    """Every `Table(...)` of the repository."""
    if not project[is_used]:
        return ()
    return tuple(each for path in project.paths for each in project[core_tables_in, path])


def core_tables_in(project: Project, path: str) -> tuple[CoreTable, ...]:
    """Every `Table(...)` of a file."""
    module = project.module(path)
    if module is None:
        return ()
    inner = {
        binding.value.at: f"{each.qualname}.__table__"
        for each in module.classes
        for binding in each.fields
        if binding.name == "__table__" and binding.callee.rpartition(".")[2] == "Table" and binding.value is not None
    }
    found = []
    for function in module.functions:
        if _mentions(function, ("Table",)) or (inner and not function.qualname):
            held = {**inner, **{call.at: name for name, call in _held(function.body, "")}}
            for call in function.call_nodes:
                if _last(call.func) == "Table":
                    name = held.get(call.at) if not function.qualname else None
                    variable = Symbol("variable", path, name) if name else None
                    found.append(_core(project, Term(call, path, function.qualname), call, variable))
    return tuple(each for each in found if each is not None)


def _mentions(function: Function, words: tuple[str, ...]) -> bool:
    return not function.lasts.isdisjoint(words)


def _last(node: tree.Node) -> str:
    return node.last if isinstance(node, (tree.Path, tree.Attribute)) else ""


def _held(body: tuple[tree.Node, ...], owner: str) -> Iterator[tuple[str, tree.Call]]:
    """The names that the calls of a module's or class's own statements are assigned to."""
    for node in body:
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Call) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, tree.Path) and "." not in target.text:
                yield f"{owner}{target.text}", node.value


def _core(project: Project, term: Term, call: tree.Call, variable: Symbol | None) -> CoreTable | None:
    table = made(project, term)
    if table is None or table.word != "Table" or not table.args:
        return None
    metadata, rest = _metadata(project, term, call, table)
    columns, complete = columns_in(project, rest)
    unwritten = table.open and not any(isinstance(each, tree.Starred) for each in call.args)
    reflected = table.get("autoload_with", "autoload", "autoload_replace") is not None or (unwritten and not rest)
    found = constraints(project, rest)
    return CoreTable(
        variable,
        text(project, table.args[0]),
        _schema(project, table, metadata),
        metadata.key,
        metadata.schema,
        under(found, columns),
        tuple(ref for each in rest for ref in composite(project, each)),
        found,
        complete and not reflected and not table.open,
        reflected,
        bool(term.scope),
        term.path,
        call.at,
    )


def _metadata(project: Project, term: Term, call: tree.Call, table: Made) -> tuple[Metadata, tuple[Term, ...]]:
    """The metadata of a table, and the arguments that are left for columns."""
    given = table.get("metadata")
    if given is not None:
        return metadata_of(project, given), table.args[1:]
    second = table.args[1] if len(table.args) > 1 else None
    if second is not None and not _is_item(project, second):
        return metadata_of(project, second), table.args[2:]
    owner = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
    if owner:
        return extension(project, term.at(tree.Path(owner, call.at))).metadata, table.args[1:]
    return NOWHERE, table.args[1:]


def _is_item(project: Project, term: Term) -> bool:
    call = made(project, term)
    return call is not None and call.word != "MetaData"


def _schema(project: Project, table: Made, metadata: Metadata) -> str | None:
    given = table.get("schema")
    if given is None:
        return None if table.open else metadata.schema
    if isinstance(given.node, tree.Constant) and given.node.value is None:
        return metadata.schema
    return schema_said(project, given)


# What is only known while the program runs

_REFLECTING = ("reflect", "prepare", "to_metadata", "tometadata")


def reflections(project: Project) -> tuple[Reflection, ...]:
    """Every place where tables are read from a database or copied into other metadata."""
    if not project[is_used]:
        return ()
    found = [each for path in project.paths for each in project[_reflections_in, path]]
    for table in project[core_tables]:
        if table.reflected and table.metadata != FRESH:
            found.append(Reflection(table.metadata, table.path, table.at, "a table read from the database"))
    return tuple(found)


def _reflections_in(project: Project, path: str) -> tuple[Reflection, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None and project[imports_it, path] else ():
        if not _mentions(function, _REFLECTING):
            continue
        for call in function.call_nodes:
            key = _reflected(project, Term(call, path, function.qualname), call)
            if key != FRESH:
                found.append(Reflection(key, path, call.at, "tables read from the database"))
    return tuple(found)


def _reflected(project: Project, term: Term, call: tree.Call) -> str:
    """The metadata that a call fills; `FRESH` when it fills none that anything else shares."""
    last = _last(call.func)
    if last not in _REFLECTING or not isinstance(call.func, tree.Path):
        return FRESH
    if last in ("to_metadata", "tometadata"):
        given = call.argument(0, "metadata")
        return metadata_of(project, term.at(given)).key if given is not None else ""
    owner = tree.Path(call.func.text.rpartition(".")[0], call.at)
    if not owner.text:
        return FRESH
    if last == "prepare":
        return metadata_of(project, term.at(owner._replace(text=f"{owner.text}.metadata"))).key or FRESH
    found = metadata_of(project, term.at(owner))
    return found.key or metadata_of(project, term.at(owner._replace(text=f"{owner.text}.metadata"))).key
