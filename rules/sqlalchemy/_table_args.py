"""What `__table_args__` and the arguments of `Table(...)` say of schema and composite keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, function_facts

from ._attributes import given_to
from ._columns import ColumnFact, ForeignRef, attribute
from ._terms import Term, follow, made
from ._text import results, text


class TableArguments(NamedTuple):
    """What is known of a table besides its columns."""

    schema: str | None
    """`""` when none is given, None when it may be and is not known."""
    says_schema: bool
    refs: tuple[ForeignRef, ...]
    constraints: Constraints


class Constraints(NamedTuple):
    """What constraints say of columns, each named as in the database or as an attribute."""

    primary: tuple[str, ...] = ()
    foreign: tuple[tuple[str, ForeignRef], ...] = ()


def table_arguments(project: Project, term: Term, depth: int = 6) -> TableArguments:
    """Read the value of `__table_args__`."""
    node = term.node
    unknown = TableArguments(None, False, (), Constraints())
    if node is None or depth <= 0:
        return unknown
    if isinstance(node, tree.Path):
        followed = follow(project, term)
        return table_arguments(project, followed, depth - 1) if followed is not None else unknown
    if isinstance(node, tree.Mapping):
        return _of_mapping(project, term, node)
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.text == "dict" and not node.args:
        pairs = tuple((tree.Constant(name, node.at) if name else None, value) for name, value in node.keywords)
        return _of_mapping(project, term, tree.Mapping(pairs, node.at))
    if isinstance(node, tree.Sequence):
        return _of_items(project, term, node.items, depth)
    return unknown


def _of_mapping(project: Project, term: Term, node: tree.Mapping) -> TableArguments:
    for key, value in node.items:
        if isinstance(key, tree.Constant) and key.value == "schema":
            if isinstance(value, tree.Constant) and value.value is None:
                return TableArguments("", False, (), Constraints())
            return TableArguments(schema_said(project, term.at(value)), True, (), Constraints())
    complete = all(isinstance(key, tree.Constant) for key, _ in node.items)
    return TableArguments("" if complete else None, False, (), Constraints())


def schema_said(project: Project, term: Term) -> str | None:
    """The schema that an expression names, `""` for `BLANK_SCHEMA`."""
    return "" if getattr(term.node, "last", "") == "BLANK_SCHEMA" else text(project, term)


def _of_items(project: Project, term: Term, items: tuple[tree.Node, ...], depth: int) -> TableArguments:
    refs = tuple(ref for item in items for ref in composite(project, term.at(item)))
    found = constraints(project, tuple(term.at(item) for item in items))
    last = items[-1] if items else None
    if isinstance(last, (tree.Mapping, tree.Path, tree.Starred)) or _is_dict(last):
        rest = table_arguments(project, term.at(last), depth - 1)
        return rest._replace(refs=refs, constraints=found)
    return TableArguments("", False, refs, found)


def _is_dict(node: tree.Node) -> bool:
    return isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.text == "dict"


def composite(project: Project, term: Term) -> tuple[ForeignRef, ...]:
    """What a `ForeignKeyConstraint(columns, references)` refers to."""
    call = made(project, term)
    if call is None or call.word != "ForeignKeyConstraint":
        return ()
    given = call.get("refcolumns") or next(iter(call.args[1:2]), None)
    if given is None or not isinstance(given.node, tree.Sequence):
        return ()
    return tuple(
        ForeignRef(text(project, given.at(item)), attribute(project, given.at(item)), given.path, item.at)
        for item in given.node.items
    )


def constraints(project: Project, items: tuple[Term, ...]) -> Constraints:
    """The constraints among the arguments of a table that make keys of its columns."""
    primary: list[str] = []
    foreign: list[tuple[str, ForeignRef]] = []
    for item in items:
        call = made(project, item) if isinstance(item.node, (tree.Call, tree.Path)) else None
        if call is not None and call.word == "PrimaryKeyConstraint":
            primary.extend(name for each in call.args if (name := _column_name(project, each)))
        elif call is not None and call.word == "ForeignKeyConstraint":
            given = call.get("columns") or next(iter(call.args), None)
            targets = composite(project, item)
            if given is not None and isinstance(given.node, tree.Sequence) and len(given.node.items) == len(targets):
                names = [_column_name(project, given.at(each)) for each in given.node.items]
                foreign.extend((name, ref) for name, ref in zip(names, targets, strict=True) if name)
    return Constraints(tuple(primary), tuple(foreign))


def _column_name(project: Project, term: Term) -> str:
    """The name of a column, or the attribute that holds it."""
    return text(project, term) or (term.node.last if isinstance(term.node, tree.Path) else "")


def under(found: Constraints, columns: tuple[ColumnFact, ...]) -> tuple[ColumnFact, ...]:
    """The columns of a table with what a `PrimaryKeyConstraint` makes of them."""
    return tuple(
        each._replace(primary_key=True, nullable=each.nullable if each.kind and each.kind.explicit else False)
        if each.name in found.primary or (each.attr and each.attr in found.primary)
        else each
        for each in columns
    )


def class_arguments(project: Project, cls: Symbol, owners: Iterable[Symbol], inherits: bool) -> TableArguments:
    """The nearest `__table_args__` of a class and its unmapped ancestors."""
    nothing = TableArguments("", False, (), Constraints())
    unknown = nothing._replace(schema=None)
    for owner in owners:
        facts = class_facts(project, owner)
        for binding in reversed(facts.fields if facts is not None else ()):
            if binding.name == "__table_args__" and binding.value_code is not None:
                return table_arguments(project, Term(binding.value, owner.path, owner.name))
        if facts is not None and "__table_args__" in facts.methods:
            name = f"{owner.name}.__table_args__"
            method = function_facts(project, Symbol("function", owner.path, name))
            given = given_to(cls, method.params[0].name if method is not None and method.params else "cls", inherits)
            here = Term(None, owner.path, name, given)
            returned = results(project, here, method.body) if method is not None else []
            return table_arguments(project, here.at(returned[0])) if len(returned) == 1 else unknown
    return nothing
