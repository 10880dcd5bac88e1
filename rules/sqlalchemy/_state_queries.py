"""What statements, results and loader options become when their methods are called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Location

from ._state_classes import JOINED, links
from ._state_values import Items, Known, Load, Options, Statement, Value, loaded
from ._statements import NEUTRAL, Place, mapped_class, receiver_of

LOADERS = {
    "selectinload": "selectin", "joinedload": "joined", "subqueryload": "subquery", "immediateload": "immediate",
    "contains_eager": "joined", "lazyload": "select", "defaultload": "", "raiseload": "raise", "noload": "noload",
}  # fmt: skip
COLUMN_OPTIONS = frozenset(
    {"load_only", "defer", "undefer", "undefer_group", "with_expression", "with_loader_criteria"}
)
KEEPING = NEUTRAL | {
    "join", "outerjoin", "group_by", "having", "select_from", "join_from", "outerjoin_from", "correlate", "slice",
    "prefix_with", "with_hint", "yield_per", "enable_eagerloads", "autoflush", "filter_by", "execution_options",
}  # fmt: skip
"""Methods after which a statement selects the same."""

ANY = "*"
"""Stands for whatever conditions that are kept elsewhere are about."""


class Given(NamedTuple):
    """The arguments of a call: nodes with their values."""

    nodes: tuple[Node, ...]
    values: tuple[Value, ...]
    keywords: tuple[tuple[str | None, Node, Value], ...]

    def get(self, position: int, name: str) -> Value:
        """The value at a position or under a name."""
        for key, _, value in self.keywords:
            if key == name:
                return value
        return self.values[position] if position < len(self.values) else None

    def node(self, position: int, name: str) -> Node | None:
        """The expression at a position or under a name."""
        for key, node, _ in self.keywords:
            if key == name:
                return node
        return self.nodes[position] if position < len(self.nodes) else None

    @property
    def every(self) -> tuple[Value, ...]:
        """All values."""
        return (*self.values, *(value for _, _, value in self.keywords))


# Loader options


def option(project: Project, place: Place, name: str, given: Given, before: Options | None) -> Options:
    """What a loader function, or a method of an option, makes."""
    if name in COLUMN_OPTIONS:
        return before or Options(())
    if name == "options":
        return _inner(before or Options((), True), given)
    if name not in LOADERS:
        return Options(before.loads if before is not None else (), True)
    start = before.loads[-1] if before is not None and before.loads else None
    found = list(before.loads if before is not None else ())
    last = before.last if before is not None else None
    for node in given.nodes:
        attribute = _attribute(project, place, node, last)
        if attribute is None:
            return Options(tuple(found), True)
        owner, word = attribute
        path = (*(start.path if start is not None else ()), word)
        start = Load(start.cls if start is not None else owner, path, LOADERS[name])
        found.append(start)
        link = project[links, owner].get(word)
        last = link.target if link is not None else None
    return Options(tuple(found), before.open if before is not None else False, last)


def _inner(before: Options, given: Given) -> Options:
    """`selectinload(User.posts).options(selectinload(Post.comments), ...)`."""
    if not before.loads:
        return Options((), True)
    base, found, is_open = before.loads[-1], list(before.loads), before.open
    for each in given.values:
        if not isinstance(each, Options):
            is_open = True
            continue
        is_open |= each.open
        found += [Load(base.cls, (*base.path, *load.path), load.how) for load in each.loads]
    return Options(tuple(found), is_open, before.last)


def _attribute(project: Project, place: Place, node: Node, last: Symbol | None) -> tuple[Symbol, str] | None:
    """The class and the relationship that an option is about."""
    while isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("of_type", "and_"):
        node = receiver_of(node)
    if isinstance(node, tree.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return (last, node.value) if last is not None else None
    if not isinstance(node, tree.Path) or "." not in node.text:
        return None
    owner, _, word = node.text.rpartition(".")
    cls = mapped_class(project, place, owner)
    return (cls, word) if cls is not None and word in project[links, cls] else None


# Statements


def started(project: Project, place: Place, kind: str, given: Given, at: Location, flat: bool) -> Statement:
    """What `select(...)` or `session.query(...)` starts."""
    columns: list[Symbol | None] = []
    for node in given.nodes:
        columns.append(mapped_class(project, place, node.text) if isinstance(node, tree.Path) else None)
    # The class in a variable, `select(self.model)`, comes as a value.
    for index, value in enumerate(given.values[: len(columns)]):
        symbol = getattr(value, "symbol", None)
        if columns[index] is None and isinstance(symbol, Symbol) and symbol.kind == "class":
            columns[index] = symbol
    return Statement(kind, tuple(columns), (), False, at, None, False, flat)


def refined(statement: Statement, name: str, given: Given) -> Statement | None:
    """What a method makes of a statement; None when it no longer selects the same."""
    if name == "options":
        loads, is_open = list(statement.loads), statement.open
        for value in _flat(given.values):
            if isinstance(value, Options):
                loads += value.loads
                is_open |= value.open
            else:
                is_open = True
        return statement._replace(loads=tuple(loads), open=is_open)
    if name == "limit" and given.values and given.values[0] == Known(1):
        return statement._replace(single=True)
    if name in ("from_statement", "with_entities", "with_only_columns", "add_columns", "add_entity", "union"):
        return None
    if name in ("where", "filter", "filter_by"):
        return statement._replace(same=statement.same | _compared(given))
    return statement if name in KEEPING else None


def _compared(given: Given) -> frozenset[str]:
    """The attributes that conditions give one value to: `Post.user_id == key`, `user_id=key`."""
    names = {name for name, _, _ in given.keywords if name is not None}
    if any(isinstance(node, (tree.Starred, tree.Path)) for node in given.nodes):
        names.add(ANY)
    for node in tree.walk(*given.nodes):
        if isinstance(node, tree.Compare) and node.ops == ("==",):
            names.update(term.last for term in node.terms if isinstance(term, tree.Path) and "." in term.text)
        elif isinstance(node, tree.Call) and _of_instances(node):
            names.add(getattr(receiver_of(node), "last", ""))
    return frozenset(names)


def _of_instances(call: tree.Call) -> bool:
    """Whether a column is looked for among the keys of instances that are there: `in_(each.id for each in events)`."""
    given = call.argument(0) if getattr(call.func, "last", "") == "in_" else None
    element = given.element if isinstance(given, tree.Comprehension) else None
    return isinstance(element, tree.Path) and "." in element.text


def _flat(values: tuple[Value, ...]) -> Iterator[Value]:
    for value in values:
        if isinstance(value, Items):
            yield from _flat(value.items)
        else:
            yield value


def joined_collection(project: Project, cls: Symbol, loads: tuple[Load, ...]) -> tuple[str, bool] | None:
    """The collection that rows are joined with, as `User.posts`, and whether the mapper itself says so."""
    for name, link in project[links, cls].items():
        how = loaded(loads, name) or link.lazy
        if how in JOINED and link.collection:
            return f"{cls.last}.{name}", not loaded(loads, name)
    for load in loads:
        if load.how == "joined" and len(load.path) > 1 and _joined_all_the_way(project, cls, loads, load.path):
            return ".".join((cls.last, *load.path)), False
    return None


def _joined_all_the_way(project: Project, cls: Symbol, loads: tuple[Load, ...], path: tuple[str, ...]) -> bool:
    """Whether every step of a path is joined and one of them is a collection."""
    many = False
    current: Symbol | None = cls
    for index, name in enumerate(path):
        link = project[links, current].get(name) if current is not None else None
        how = next((load.how for load in reversed(loads) if load.path == path[: index + 1]), "")
        if link is None or (how or link.lazy) != "joined":
            return False
        many |= bool(link.collection)
        current = link.target
    return many
