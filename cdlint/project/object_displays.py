"""Displays, operators and comprehensions while watched objects are followed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from ..facts import tree
from ..facts.tree import At, Node
from . import Project
from .answers import Symbol, Unknown
from .object_frames import NOTHING, SEVERAL, Frame, plain
from .object_settings import setting
from .object_tests import true, truth
from .object_text import put_together
from .objects import OFF, Bound, Context, Items, Literal, Table, Thing, Value, Watch

LONGEST = 1_000
"""A longer display is data and holds no routers; reading it would use up the steps of the whole."""


class Displays(ABC):
    """What is put together from values. What single values are is left to the class that knows names."""

    project: Project
    watch: Watch
    conditions: Context

    @abstractmethod
    def eval(self, frame: Frame, node: Node | None) -> Value:
        """What an expression comes to."""

    @abstractmethod
    def walked(self, frame: Frame, iterable: Node, turn: Callable[[], None]) -> bool:
        """Take a turn for each module of a folder that a loop walks; False, with nothing done, for other loops."""

    @abstractmethod
    def escape(self, frame: Frame, value: Value, at: At, why: str) -> None:
        """The things in a value are handed to code that cannot be seen."""

    def sequence(self, frame: Frame, node: tree.Sequence) -> Value:
        """A display of items; what is not known stays in it as unknown."""
        if len(node.items) > LONGEST:
            return Unknown("a very long list")
        items: list[Value] = []
        for item in node.items:
            value = self.eval(frame, item)
            if isinstance(item, tree.Starred) and not isinstance(value, (Thing, Bound)):
                if not isinstance(value, Items):
                    self.escape(frame, Items(tuple(items)), node.at, "it is in a list that is not known in full")
                    return Unknown("a list that is not known in full")
                items.extend(value.items)
            else:
                items.append(value)
        return Items(tuple(items))

    def mapping(self, frame: Frame, node: tree.Mapping) -> Value:
        """A dict display."""
        pairs: list[tuple[Value, Value]] = []
        for key, item in node.items:
            value = self.eval(frame, item)
            if key is None and isinstance(value, Table):
                pairs.extend(value.items)
            else:
                pairs.append((NOTHING if key is None else self.eval(frame, key), value))
        return Table.of(pairs)

    def combined(self, frame: Frame, node: Node) -> Value:
        """Strings and lists put together."""
        values: dict[int, Value] = {}
        if isinstance(node, tree.Binary) and node.op == "+":
            terms: list[Value] = [values.setdefault(id(term), self.eval(frame, term)) for term in node.terms]
            if all(isinstance(term, Items) for term in terms):
                return Items(tuple(item for term in terms for item in term.items))
            if any(isinstance(term, Items) for term in terms):
                self.escape(frame, Items(tuple(terms)), node.at, "it is in a list that is not known in full")
                return Unknown("a list that is not known in full")
        return put_together(node, lambda each: values[id(each)] if id(each) in values else self.eval(frame, each))

    def choice(self, frame: Frame, node: Node) -> Value:
        """`a if x else b`, `a or b`: the one value that it can be."""
        if isinstance(node, tree.Conditional):
            known = truth(self, frame, node.test)
            if known is not None:
                self.aside(frame, node.orelse if known else node.body)
                return self.eval(frame, node.body if known else node.orelse)
            values = [self.eval(frame, node.body), self.eval(frame, node.orelse)]
        else:
            values = [self.eval(frame, each) for each in node.values]
            if node.op == "and":
                self.escape(frame, Items(tuple(values)), node.at, "it is one of several values")
                return NOTHING
            values = [value for value in values[:-1] if true(value) is not False] + values[-1:]
            if true(values[0]):
                return values[0]
        return self.merged(frame, values, node.at)

    def aside(self, frame: Frame, node: Node) -> None:
        """An expression that is run with other settings than the code has."""
        conditions = self.conditions
        self.conditions = self.under(frame, node.at, OFF)
        self.escape(frame, self.eval(frame, node), node.at, "it is used with other settings")
        self.conditions = conditions

    def merged(self, frame: Frame, values: list[Value], at: At) -> Value:
        """One value for several possible ones: `None` and what is unknown give way to a thing."""
        real = [value for value in dict.fromkeys(map(plain, values)) if value != Literal(None)]
        known = [value for value in real if not isinstance(value, Unknown)]
        if len(known) == 1 and isinstance(known[0], Thing) and Unknown(SEVERAL) not in real:
            return known[0]  # The others are where it was kept before, such as a cache.
        if len(real) == 1:
            return next(value for value in values if plain(value) == real[0])
        self.escape(frame, Items(tuple(real)), at, "it is one of several values")
        if known and all(isinstance(value, Thing) and value.cls in self.watch.single for value in real):
            return known[0]  # One program, made with other options under other settings.
        return Unknown(SEVERAL)

    def item(self, value: Value, index: Value) -> Value:
        """`value[index]`."""
        if isinstance(value, Items) and isinstance(index, Literal) and isinstance(index.value, int):
            return value.items[index.value] if -len(value.items) <= index.value < len(value.items) else NOTHING
        if isinstance(value, Table):
            found = [item for key, item in value.items if key == index]
            return found[-1] if found else Unknown("an item that is not known")
        if isinstance(value, Bound) and isinstance(value.owner, Thing) and value.name == self.watch.settings:
            return self.project[setting, index.value] if isinstance(index, Literal) else NOTHING
        if isinstance(value, Symbol) and value.kind == "class":
            return value  # `Generic[T]`
        return Unknown("an item that is not known")

    def comprehension(self, frame: Frame, node: tree.Comprehension) -> Value:
        """A comprehension over known items, its element run for each."""
        inner = Frame(frame.path, frame.qualname, frame, frame.context)
        first = node.generators[0]
        iterable = self.iterated(self.eval(frame, first.iterable))
        simple = len(node.generators) == 1 and node.value is None
        found: list[Value] = []
        if iterable is not None and simple and not first.conditions:
            for index, item in enumerate(iterable):
                inner.context = (*frame.context, ("#", node.at[0], index))
                self.bind(inner, first.target, item)
                found.append(self.eval(inner, node.element))
            return Items(tuple(found))

        def turn() -> None:
            self.bind(inner, first.target, NOTHING)
            found.append(self.eval(inner, node.element))

        if simple and self.walked(inner, first.iterable, turn):
            return Items(tuple(found))
        conditions = self.conditions
        self.conditions = self.under(frame, node.at, 0)
        for generator in node.generators:
            self.bind(inner, generator.target, NOTHING)
        self.escape(inner, self.eval(inner, node.element), node.at, "it is in a comprehension")
        self.conditions = conditions
        return Unknown("a comprehension")

    def under(self, frame: Frame, at: At, branch: int) -> Context:
        """The conditions inside a branch of the statement at a place."""
        return (*self.conditions, (frame.path, at[0], branch))

    def iterated(self, value: Value) -> tuple[Value, ...] | None:
        """The items of a loop, when all are known."""
        if isinstance(value, Items):
            return value.items
        if isinstance(value, Table):
            return tuple(key for key, _ in value.items)
        if isinstance(value, Literal) and isinstance(value.value, (tuple, frozenset)):
            return tuple(Literal(item) for item in value.value)
        return None

    def bind(self, frame: Frame, target: Node, value: Value) -> None:
        """Give names a value, unpacking it when the target is a tuple."""
        if isinstance(target, tree.Path) and "." not in target.text:
            frame.env[target.text] = value
        elif isinstance(target, tree.Sequence):
            items = self.iterated(value)
            known = items is not None and len(items) == len(target.items)
            for index, each in enumerate(target.items):
                self.bind(frame, each, items[index] if known and items is not None else NOTHING)
        elif isinstance(target, tree.Starred):
            self.bind(frame, target.value, NOTHING)
