"""Expressions while watched objects are followed: names, attributes, displays and strings as values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ..facts import tree
from ..facts.tree import At, Node
from . import Project
from .answers import Answer, Symbol, Unknown, external
from .classes import ancestry, class_member, function_facts, resolve_in
from .constants import combine
from .constants import variable as constant_of
from .memo import CyclicFact
from .names import lookup
from .object_frames import NOTHING, SEVERAL, Frame, Super, plain, plain_arguments, unwrap
from .objects import (
    Bound,
    Context,
    Happening,
    Instance,
    Items,
    Literal,
    Method,
    Table,
    Thing,
    Value,
    Watch,
    things_in,
)
from .values import evaluate


class Values(ABC):
    """What expressions come to. Calls are left to the class that knows how to run them."""

    def __init__(self, project: Project, watch: Watch, relevant: frozenset[Symbol]) -> None:
        self.project = project
        self.watch = watch
        self.relevant = relevant
        self.modules: dict[str, Frame] = {}
        self.heap: dict[Value, dict[str, Value]] = {}
        self.happenings: list[Happening] = []
        self.entered: set[Symbol] = set()
        self.conditions: Context = ()
        self.steps = 50_000

    @abstractmethod
    def call(self, frame: Frame, node: tree.Call) -> Value:
        """The value of a call, after running it."""

    @abstractmethod
    def invoke(self, frame: Frame, function: Symbol, args: tuple[Value, ...], at: At) -> Value:
        """Run a function of the repository."""

    @abstractmethod
    def build(self, frame: Frame, instance: Instance, at: At) -> None:
        """Run the constructor of an instance, filling its attributes."""

    def note(
        self,
        frame: Frame,
        kind: str,
        receiver: Thing | Unknown,
        at: At,
        method: str = "",
        args: tuple[Value, ...] = (),
        keywords: tuple[tuple[str, Value], ...] = (),
    ) -> Happening:
        """Write down what happens."""
        plain_args, plain_keywords = plain_arguments(args, keywords)
        made = Happening(
            kind, receiver, method, plain_args, plain_keywords, None, frame.path, at, None, self.conditions
        )
        self.happenings.append(made)
        return made

    def escape(self, frame: Frame, value: Value, at: At, why: str) -> None:
        """The things in a value are handed to code that cannot be seen."""
        for thing in things_in(value):
            self.note(frame, "escape", thing, at, why)

    def eval(self, frame: Frame, node: Node | None) -> Value:
        """What an expression comes to."""
        self.steps -= 1
        if node is None or self.steps < 0:
            return NOTHING
        if isinstance(node, tree.Path):
            return self.path(frame, node)
        if isinstance(node, tree.Constant):
            return Literal(node.value)
        if isinstance(node, tree.Call):
            return self.call(frame, node)
        if isinstance(node, tree.Attribute):
            return self.attributes(frame, self.eval(frame, node.value), node.text, node.at)
        if isinstance(node, tree.Sequence):
            return self.sequence(frame, node)
        if isinstance(node, tree.Mapping):
            return self.mapping(frame, node)
        if isinstance(node, (tree.FString, tree.Binary)):
            return self.combined(frame, node)
        if isinstance(node, (tree.Await, tree.Starred)):
            return self.eval(frame, node.value)
        if isinstance(node, tree.Walrus):
            frame.env[node.name] = self.eval(frame, node.value)
            return frame.env[node.name]
        if isinstance(node, (tree.Conditional, tree.Boolean)):
            return self.choice(frame, node)
        if isinstance(node, tree.Subscript):
            return self.item(self.eval(frame, node.value), self.eval(frame, node.index))
        if isinstance(node, tree.Comprehension):
            return self.comprehension(frame, node)
        return self.other(frame, node)

    def other(self, frame: Frame, node: Node) -> Value:
        """An expression whose value is not followed: things in it go out of sight."""
        if isinstance(node, (tree.Lambda, tree.Yield)):
            for inner in tree.walk(node.body if isinstance(node, tree.Lambda) else node.value):
                if isinstance(inner, tree.Path):
                    self.escape(frame, self.path(frame, inner), node.at, "it is used in a lambda or yielded")
        else:
            for inner in tree.calls(node):
                self.eval(frame, inner)
        return NOTHING

    # Names and attributes

    def path(self, frame: Frame, node: tree.Path) -> Value:
        """The value of `a.b.c`."""
        first, _, rest = node.text.partition(".")
        value = self.name(frame, first)
        if rest:
            value = self.attributes(frame, value, rest, node.at)
        if isinstance(value, Unknown) and self.outside(frame, first):
            typed = self.typed(frame, node)
            return value if isinstance(typed, Unknown) else typed
        return value

    def outside(self, frame: Frame, name: str) -> bool:
        """Whether a name is none that this run gave a value."""
        scope: Frame | None = frame
        while scope is not None:
            if name in scope.env and not isinstance(scope.env[name], Unknown):
                return False
            scope = scope.parent
        return True

    def typed(self, frame: Frame, node: tree.Path) -> Value:
        """What annotations say of a value that running does not show."""
        first = node.text.partition(".")[0]
        function = function_facts(self.project, Symbol("function", frame.path, frame.qualname))
        if not any(each.name == first and each.annotation_code for each in (function.params if function else ())):
            return Unknown(f"`{node.text}`")
        found = evaluate(self.project, (frame.path, frame.qualname), node)
        if isinstance(found, Symbol) and found.kind == "instance":
            return Instance(Symbol("class", found.path, found.name), (), (), (("", 0, 0),))
        if isinstance(found, Symbol) and found.kind == "external" and not self.watched(found):
            return found
        return Unknown(f"`{node.text}`")

    def watched(self, found: Symbol) -> bool:
        """Whether an external expression is an object of a watched class: which one is then not known."""
        return found.name.partition("()")[0] in self.watch.classes

    def name(self, frame: Frame, name: str) -> Value:
        """The value of a bare name."""
        scope: Frame | None = frame
        while scope is not None:
            if name in scope.env:
                return scope.env[name]
            scope = scope.parent
        return self.value_of(resolve_in(self.project, frame.path, frame.qualname, name))

    def value_of(self, answer: Answer) -> Value:
        """The value of a symbol: of a variable what it holds, else the symbol."""
        if not isinstance(answer, Symbol) or answer.kind != "variable":
            return answer
        running = self.modules.get(answer.path)
        if running is not None and answer.name in running.env:
            return running.env[answer.name]
        return self.stored(answer)

    @abstractmethod
    def stored(self, variable: Symbol) -> Value:
        """The value of a variable of a module or class that is not running."""

    def attributes(self, frame: Frame, value: Value, names: str, at: At) -> Value:
        """The value of attributes read in a row."""
        for name in names.split("."):
            value = self.attribute(frame, value, name, at)
        return value

    def attribute(self, frame: Frame, value: Value, name: str, at: At) -> Value:
        """The value of one attribute."""
        if isinstance(value, Symbol):
            return self.symbol_attribute(value, name)
        if isinstance(value, Thing):
            if name in self.heap.get(value, ()):
                return self.heap[value][name]
            found = self.member(frame, value, value.own, name, at) if value.own else None
            return Bound(value, name) if found is None else found
        if isinstance(value, Instance):
            return self.instance_attribute(frame, value, name, at)
        if isinstance(value, Super):
            return self.super_attribute(value, name)
        if isinstance(value, Bound):
            return Bound(value.owner, f"{value.name}.{name}")
        if isinstance(value, (Items, Table, Literal)):
            return Bound(value, name)
        return Unknown(f"attribute `{name}`")

    def symbol_attribute(self, value: Symbol, name: str) -> Value:
        """An attribute of a module, class or of something external."""
        if value.kind == "external":
            return external(f"{value.name}.{name}")
        if value.kind == "module":
            return self.value_of(self.project[lookup, (value.path, name)])
        if value.kind == "class":
            found = self.project[class_member, (value, name)]
            if isinstance(found, Symbol) and found.kind == "external":
                return Bound(value, name)
            return self.value_of(found) if isinstance(found, Symbol) else Unknown(f"`{value.name}.{name}`")
        return Unknown(f"attribute `{name}` of the {value.kind} `{value.name}`")

    def instance_attribute(self, frame: Frame, value: Instance, name: str, at: At) -> Value:
        """An attribute of an instance: assigned, computed by a property, or of its class."""
        if value not in self.heap:
            self.heap[value] = {}
            before, entered, conditions = len(self.happenings), set(self.entered), self.conditions
            self.build(frame, value, at)
            del self.happenings[before:]
            self.entered, self.conditions = entered, conditions
        if name in self.heap[value]:
            return self.heap[value][name]
        found = self.member(frame, value, value.cls, name, at)
        return Unknown(f"attribute `{name}` of a `{value.cls.name}`") if found is None else found

    def member(self, frame: Frame, value: Value, cls: Symbol, name: str, at: At) -> Value | None:
        """What the class of an object brings; None when that is nothing of the repository."""
        found = self.project[class_member, (cls, name)]
        if not isinstance(found, Symbol) or found.kind == "external":
            return None
        if found.kind != "function":
            return self.value_of(found)
        facts = function_facts(self.project, found)
        marks = {getattr(decorator, "last", "") for decorator in facts.decorators} if facts else set()
        if marks & {"property", "cached_property"}:
            return self.invoke(frame, found, (value,), at)
        return found if "staticmethod" in marks else Method(found, value)

    def super_attribute(self, value: Super, name: str) -> Value:
        """An attribute of `super()`."""
        cls = value.owner.own if isinstance(value.owner, Thing) else getattr(value.owner, "cls", value.after)
        order = self.project[ancestry, cls or value.after].first_party
        later = order[order.index(value.after) + 1 :] if value.after in order else ()
        for each in later:
            function = Symbol("function", each.path, f"{each.name}.{name}")
            if function_facts(self.project, function) is not None:
                return Method(function, value.owner)
        return Bound(value.owner, name) if isinstance(value.owner, Thing) else NOTHING

    # Displays and operators

    def sequence(self, frame: Frame, node: tree.Sequence) -> Value:
        """A display of items; what is not known stays in it as unknown."""
        items: list[Value] = []
        for item in node.items:
            value = self.eval(frame, item)
            if isinstance(item, tree.Starred):
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
        return Table(tuple(pairs))

    def combined(self, frame: Frame, node: Node) -> Value:
        """Strings and lists put together."""
        if isinstance(node, tree.Binary) and node.op == "+":
            terms = [self.eval(frame, term) for term in node.terms]
            if all(isinstance(term, Items) for term in terms):
                return Items(tuple(item for term in terms for item in term.items))
            if any(isinstance(term, Items) for term in terms):
                self.escape(frame, Items(tuple(terms)), node.at, "it is in a list that is not known in full")
                return Unknown("a list that is not known in full")
        known = combine(node, lambda inner: self.constant(frame, inner))
        return known if isinstance(known, Unknown) else Literal(known)

    def constant(self, frame: Frame, node: Node) -> Any:
        """The constant that an expression comes to."""
        return unwrap(self.eval(frame, node))

    def choice(self, frame: Frame, node: Node) -> Value:
        """`a if x else b`, `a or b`: the one value that it can be."""
        if isinstance(node, tree.Conditional):
            values = [self.eval(frame, node.body), self.eval(frame, node.orelse)]
        else:
            values = [self.eval(frame, each) for each in node.values]
            if node.op == "and":
                self.escape(frame, Items(tuple(values)), node.at, "it is one of several values")
                return NOTHING
            values = [value for value in values[:-1] if value != Literal(None)] + values[-1:]
            if isinstance(values[0], Literal) and values[0].value:
                return values[0]
        return self.merged(frame, values, node.at)

    def merged(self, frame: Frame, values: list[Value], at: At) -> Value:
        """One value for several possible ones: `None` and what is unknown give way to a thing."""
        real = [value for value in dict.fromkeys(map(plain, values)) if value != Literal(None)]
        if len(real) == 1:
            return next(value for value in values if plain(value) == real[0])
        self.escape(frame, Items(tuple(real)), at, "it is one of several values")
        return Unknown(SEVERAL)

    def item(self, value: Value, index: Value) -> Value:
        """`value[index]`."""
        if isinstance(value, Items) and isinstance(index, Literal) and isinstance(index.value, int):
            return value.items[index.value] if -len(value.items) <= index.value < len(value.items) else NOTHING
        if isinstance(value, Table):
            found = [item for key, item in value.items if key == index]
            return found[-1] if found else Unknown("an item that is not known")
        if isinstance(value, Symbol) and value.kind == "class":
            return value  # `Generic[T]`
        return Unknown("an item that is not known")

    def comprehension(self, frame: Frame, node: tree.Comprehension) -> Value:
        """A comprehension over known items, its element run for each."""
        inner = Frame(frame.path, frame.qualname, frame, frame.context)
        first = node.generators[0]
        iterable = self.iterated(self.eval(frame, first.iterable))
        simple = len(node.generators) == 1 and not first.conditions and node.value is None
        if iterable is not None and simple:
            found = []
            for index, item in enumerate(iterable):
                inner.context = (*frame.context, ("#", node.at[0], index))
                self.bind(inner, first.target, item)
                found.append(self.eval(inner, node.element))
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


def folded(project: Project, variable: Symbol) -> Value:
    """The constant that a variable holds, as a value."""
    try:
        known = project[constant_of, (variable.path, variable.name)]
    except CyclicFact:
        return Unknown(f"`{variable.name}` is defined through itself")
    return known if isinstance(known, Unknown) else Literal(known)
