"""The evaluation of expressions on one path of a function, with what it does to the instances in sight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Location

from ._sessions import SESSIONS
from ._state_names import attribute_stands_for, stands_for
from ._state_values import (
    Fields,
    Items,
    Known,
    Many,
    Page,
    Ref,
    Result,
    Row,
    Session,
    State,
    Statement,
    Thing,
    Value,
    join,
)
from ._statements import Place, mapped_class
from ._terms import Term

_BY_NAME = frozenset({"session", "db", "db_session", "async_session", "dbsession", "sess", "asession"})
CALLS = 40
"""How many calls of the repository's own functions one function is followed into."""


UNSET = Symbol("external", "", "unset")
"""Stands for a key that the database has not made yet."""


class Seen(NamedTuple):
    """Something worth telling, of whatever rule. `name` is the attribute."""

    kind: str
    at: Location
    cls: Symbol
    name: str
    origin: Location
    how: str
    chain: tuple[Evidence, ...]
    since: Location | None = None
    """What expired or detached the instance."""
    why: str = ""
    reading: tuple[Symbol, Location] | None = None
    """The schema that reads it, and its field."""
    parents: tuple[str, ...] = ()
    """The relationships that lead to the instance from the one that was queried."""
    response: Symbol | None = None
    """The handler whose answer it makes."""


class Frame(NamedTuple):
    """The function that is being followed, and the calls that led there."""

    path: str
    function: str
    tag: str
    chain: tuple[Evidence, ...]
    yields: list[tuple[Value, State]]

    @property
    def place(self) -> Place:
        """Where its names are looked up."""
        return Place(self.path, self.function)

    def at(self, at: At) -> Location:
        """A place in its file."""
        return Location(self.path, at)


class Run:
    """One function followed on all its paths. `frame` is the function inside it that is being followed.

    `worth` are the functions that are followed whatever they are given.
    """

    def __init__(self, project: Project, frame: Frame, worth: frozenset[Symbol]) -> None:
        self.project, self.frame, self.worth = project, frame, worth
        self.seen: dict[tuple[Any, ...], Seen] = {}
        self.left = CALLS
        self.stack: tuple[Symbol, ...] = ()
        self.silent = 0
        self.done: dict[tuple[Any, ...], tuple[Value, dict[str, Value], dict[str, Any]]] = {}
        self.meanings: dict[tuple[Any, ...], Value] = {}
        self.schema: tuple[Symbol, Location] | None = None
        self.response: Symbol | None = None
        self.calling: Callable[[Run, tree.Call, State, bool], tuple[Value, State]] | None = None
        self.reading: Callable[[Run, Value, str, State, At], tuple[Value, State]] | None = None

    def tell(self, kind: str, at: At, cls: Symbol, name: str, **more: Any) -> None:
        """Note something, once for each place."""
        if not self.silent:
            found = Seen(kind, self.frame.at(at), cls, name, chain=self.frame.chain, **more)
            found = found._replace(reading=self.schema, response=self.response)
            self.seen.setdefault((kind, found.at, cls, name, found.origin), found)

    def value(self, node: Node | None, state: State, awaited: bool = False) -> tuple[Value, State]:
        """What an expression comes to, and what is known after it."""
        special = _EXPRESSIONS.get(type(node))
        if special is not None:
            return special(self, node, state)
        if isinstance(node, tree.Call):
            assert self.calling is not None
            return self.calling(self, node, state, awaited)
        if isinstance(node, tree.Await):
            return self.value(node.value, state, True)
        if node is not None and not isinstance(node, tree.Lambda):
            for child in tree.children(node):
                _, state = self.value(child, state)
        return None, state

    def read(self, value: Value, names: str, state: State, at: At) -> tuple[Value, State]:
        """What attributes of a value are."""
        assert self.reading is not None
        for name in names.split(".") if names else ():
            if value is None:
                return None, state
            value, state = self.reading(self, value, name, state, at)
        return value, state

    def static(self, text: str, at: At) -> Value:
        """What a name means whatever path was taken."""
        key = (self.frame.path, self.frame.function, text)
        if key not in self.meanings:
            self.meanings[key] = self._meaning(text, at)
        found = self.meanings[key]
        # `User.query` is a query of its own each time.
        again = isinstance(found, Statement) and text.endswith(".query")
        return found._replace(at=self.frame.at(at)) if again else found

    def _meaning(self, text: str, at: At) -> Value:
        owner, _, last = text.rpartition(".")
        if last == "query" and owner and mapped_class(self.project, self.frame.place, owner):
            cls = mapped_class(self.project, self.frame.place, owner)
            return Statement("query", (cls,), (), False, self.frame.at(at), Session("query", False))
        kept, answer = self.project[stands_for, (self.frame.path, self.frame.function, text)]
        held = self.constant(kept) if kept is not None else None
        if held is not None or answer is None:
            return held
        if isinstance(answer, Symbol):
            return wrapped(answer, text)
        named = last.lstrip("_").lower() in _BY_NAME or last.lower().endswith("session")
        return Session(text, None, False) if named else None

    def constant(self, term: Term) -> Value:
        """A statement or loader options that a module or class keeps under a name."""
        frame, self.frame = self.frame, Frame(term.path, term.scope, self.frame.tag, (), [])
        value, _ = self.value(term.node, State({}, {}))
        self.frame = frame
        return value

    def attribute_of(self, thing: Thing, name: str) -> Value:
        """An attribute of something that names alone tell."""
        key = (thing.symbol, name)
        if key not in self.meanings:
            self.meanings[key] = self._attribute(thing, name)
        return self.meanings[key]

    def _attribute(self, thing: Thing, name: str) -> Value:
        kept, answer = self.project[attribute_stands_for, (thing.symbol, name)]
        held = self.constant(kept) if kept is not None else None
        if held is not None or answer is None:
            return held
        if isinstance(answer, Symbol):
            return wrapped(answer, f"{thing.symbol.name}.{name}")
        last = name.lstrip("_").lower()
        return Session(f"{thing.symbol.name}.{name}", None, False) if last in _BY_NAME else None


def wrapped(symbol: Symbol, key: str) -> Value:
    """A symbol as a value: a session when it is one."""
    if symbol.kind == "external" and (symbol.name in SESSIONS or symbol.name.endswith("AsyncSession()")):
        return Session(key, "async" in symbol.name.lower())
    return Thing(symbol)


def item_of(value: Value) -> Value:
    """One of what a value holds."""
    if isinstance(value, Many):
        return value.item
    if isinstance(value, Page):
        return value.held.item
    if isinstance(value, Items) and value.items and all(each == value.items[0] for each in value.items):
        return value.items[0]
    return None


# Expressions


def _path(run: Run, node: tree.Path, state: State) -> tuple[Value, State]:
    names, text = state.names, node.text
    while True:
        held = names.get(text)
        if held is not None:
            return run.read(held, node.text[len(text) + 1 :], state, node.at)
        cut = text.rfind(".")
        if cut < 0:
            break
        if text in names:
            return None, state
        text = text[:cut]
    return run.static(node.text, node.at), state


def _attribute(run: Run, node: tree.Attribute, state: State) -> tuple[Value, State]:
    value, state = run.value(node.value, state)
    return run.read(value, node.text, state, node.at)


def _constant(run: Run, node: tree.Constant, state: State) -> tuple[Value, State]:
    return (Known(node.value) if not isinstance(node.value, (float, complex)) else None), state


def _sequence(run: Run, node: tree.Sequence, state: State) -> tuple[Value, State]:
    values = []
    for item in node.items:
        value, state = run.value(item, state)
        values.append(value)
    return Items(tuple(values)), state


def _mapping(run: Run, node: tree.Mapping, state: State) -> tuple[Value, State]:
    found: dict[str, Value] = {}
    for key, item in node.items:
        known, state = run.value(key, state)
        value, state = run.value(item, state)
        if key is None and isinstance(value, Fields):
            found.update(value.items)
        elif isinstance(known, Known) and isinstance(known.value, str):
            found[known.value] = value
    return Fields(tuple(found.items())), state


def _starred(run: Run, node: tree.Starred, state: State) -> tuple[Value, State]:
    return run.value(node.value, state)


def _conditional(run: Run, node: tree.Conditional, state: State) -> tuple[Value, State]:
    test, state = run.value(node.test, state)
    if isinstance(test, Known):
        return run.value(node.body if test.value else node.orelse, state)
    one, first = run.value(node.body, state)
    other, second = run.value(node.orelse, state)
    if other == Known(None) or one == Known(None):
        one = other = other if one == Known(None) else one
    return (one if one == other else None), first if first == second else join(first, second)


def _boolean(run: Run, node: tree.Boolean, state: State) -> tuple[Value, State]:
    values: list[Value] = []
    for each in node.values:
        value, after = run.value(each, state)
        state = after if state == after else join(state, after) if values else after
        values.append(value)
        if isinstance(value, Known) and bool(value.value) == (node.op == "or"):
            break
    return (values[0] if all(value == values[0] for value in values) else None), state


def _unary(run: Run, node: tree.Unary, state: State) -> tuple[Value, State]:
    value, state = run.value(node.value, state)
    return (Known(not value.value) if node.op == "not" and isinstance(value, Known) else None), state


def _compare(run: Run, node: tree.Compare, state: State) -> tuple[Value, State]:
    values = []
    for term in node.terms:
        value, state = run.value(term, state)
        values.append(Known(None) if isinstance(value, Thing) and value.symbol == UNSET else value)
    there = Known(None) in values and any(isinstance(value, Session) for value in values)
    if len(values) != 2 or not (there or all(isinstance(value, Known) for value in values)):
        return None, state
    same, op = values[0] == values[1], node.ops[0]
    known = same if op in ("is", "==") else not same if op in ("is not", "!=") else None
    return (Known(known) if known is not None else None), state


def _subscript(run: Run, node: tree.Subscript, state: State) -> tuple[Value, State]:
    value, state = run.value(node.value, state)
    index, state = run.value(node.index, state)
    if isinstance(node.index, tree.Slice):
        return value, state
    if isinstance(value, (Row, Items)):
        items = value.columns if isinstance(value, Row) else value.items
        whole = isinstance(index, Known) and isinstance(index.value, int) and index.value < len(items)
        return (items[index.value] if whole else None), state
    if isinstance(value, Fields):
        return (dict(value.items).get(index.value) if isinstance(index, Known) else None), state
    return item_of(value), state


def _walrus(run: Run, node: tree.Walrus, state: State) -> tuple[Value, State]:
    value, state = run.value(node.value, state)
    return value, state.bind(node.name, value)


def _yield(run: Run, node: tree.Yield, state: State) -> tuple[Value, State]:
    value, state = run.value(node.value, state)
    run.frame.yields.append((value, state))
    return None, state


def _comprehension(run: Run, node: tree.Comprehension, state: State) -> tuple[Value, State]:
    outer = state.names
    for generator in node.generators:
        value, state = run.value(generator.iterable, state)
        state = entered(run, generator.target, value, state, generator.iterable.at)
        for condition in generator.conditions:
            _, state = run.value(condition, state)
    value, state = run.value(node.element, state)
    if node.value is not None:
        value, state = run.value(node.value, state)
    if isinstance(value, Ref):
        value = Ref(value.key)
    return Many(value, run.frame.at(node.at)), State(outer, state.heap)


def entered(run: Run, target: Node, value: Value, state: State, at: At) -> State:
    """One round of a loop over a value begins."""
    if isinstance(value, Result) or (isinstance(value, Statement) and value.kind == "query"):
        from ._state_sessions import listed

        value, state = listed(run, value, state, at, "for")
    value = value.held if isinstance(value, Page) else value
    item = item_of(value)
    if isinstance(item, Ref) and isinstance(value, Many) and value.at is not None:
        item = Ref(item.key, True)
    return assigned(run, target, item, state)


def assigned(run: Run, target: Node, value: Value, state: State) -> State:
    """A target is given a value."""
    if isinstance(target, tree.Path):
        if "." not in target.text:
            return state.bind(target.text, value)
        from ._state_reads import set_attribute

        return set_attribute(run, target, value, state)
    if isinstance(target, tree.Sequence):
        parts: tuple[Value, ...] = ()
        if isinstance(value, (Row, Items)):
            parts = value.columns if isinstance(value, Row) else value.items
        for index, item in enumerate(target.items):
            part = parts[index] if len(parts) == len(target.items) else None
            state = assigned(run, item, part, state)
    elif isinstance(target, tree.Starred):
        state = assigned(run, target.value, None, state)
    elif isinstance(target, tree.Subscript):
        from ._state_reads import set_item

        state = set_item(run, target, value, state)
    return state


_EXPRESSIONS: dict[type, Callable[[Run, Any, State], tuple[Value, State]]] = {
    tree.Path: _path,
    tree.Attribute: _attribute,
    tree.Constant: _constant,
    tree.Sequence: _sequence,
    tree.Mapping: _mapping,
    tree.Starred: _starred,
    tree.Conditional: _conditional,
    tree.Boolean: _boolean,
    tree.Subscript: _subscript,
    tree.Walrus: _walrus,
    tree.Unary: _unary,
    tree.Compare: _compare,
    tree.Yield: _yield,
    tree.Comprehension: _comprehension,
}
