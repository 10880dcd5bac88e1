"""What `__table_args__` and the arguments of `Table(...)` say of schema and composite keys."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project

from ._columns import ForeignRef
from ._terms import Term, follow, made
from ._text import text


class TableArguments(NamedTuple):
    """What is known of a table besides its columns."""

    schema: str | None
    """`""` when none is given, None when it may be and is not known."""
    says_schema: bool
    refs: tuple[ForeignRef, ...]


def table_arguments(project: Project, term: Term, depth: int = 6) -> TableArguments:
    """Read the value of `__table_args__`."""
    node = term.node
    unknown = TableArguments(None, False, ())
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
                return TableArguments("", True, ())
            return TableArguments(text(project, term.at(value)), True, ())
    complete = all(isinstance(key, tree.Constant) for key, _ in node.items)
    return TableArguments("" if complete else None, False, ())


def _of_items(project: Project, term: Term, items: tuple[tree.Node, ...], depth: int) -> TableArguments:
    refs = tuple(ref for item in items for ref in composite(project, term.at(item)))
    last = items[-1] if items else None
    if isinstance(last, (tree.Mapping, tree.Path, tree.Starred)) or _is_dict(last):
        rest = table_arguments(project, term.at(last), depth - 1)
        return rest._replace(refs=refs)
    return TableArguments("", False, refs)


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
    return tuple(ForeignRef(text(project, given.at(item)), None, given.path, item.at) for item in given.node.items)
