"""Expressions while watched objects are followed: names, attributes, displays and strings as values."""

from __future__ import annotations

from abc import abstractmethod

from ..facts import tree
from ..facts.tree import At, Node
from . import Project
from .answers import Answer, Symbol, Unknown, external
from .classes import ancestry, class_member, function_facts, resolve_in
from .constants import variable as constant_of
from .memo import CyclicFact
from .names import lookup
from .object_displays import Displays
from .object_frames import NOTHING, Frame, Super, plain_arguments
from .object_text import cut
from .object_walks import Walk, own_name
from .objects import (
    Bound,
    Context,
    Happening,
    Instance,
    Items,
    Literal,
    Method,
    Table,
    Text,
    Thing,
    Value,
    Watch,
    things_in,
)
from .values import evaluate


class Values(Displays):
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
        self.walk: Walk | None = None
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
        if isinstance(node, tree.Subscript) and isinstance(node.index, tree.Slice):
            index = node.index
            bounds = (index.lower, index.upper, index.step)
            lower, upper, step = (None if each is None else self.eval(frame, each) for each in bounds)
            return cut(self.eval(frame, node.value), (lower, upper, step))
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
        if name in ("__name__", "__package__"):
            return Literal(own_name(self.project, frame.path, name))
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
        if isinstance(value, Literal) and name == "value":
            return value  # A member of an enumeration.
        if isinstance(value, (Items, Table, Literal, Text)):
            return Bound(value, name)
        return Unknown(f"attribute `{name}`")

    def symbol_attribute(self, value: Symbol, name: str) -> Value:
        """An attribute of a module, class or of something external."""
        if value.kind == "external":
            return external(f"{value.name}.{name}")
        if value.kind == "module" and name in ("__name__", "__package__"):
            return Literal(own_name(self.project, value.path, name))
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
            home, line, column = value.context[-1]
            if home:  # What it makes is what it made where it was made itself.
                frame, at = Frame(home, "", None, value.context[:-1]), (line, column, line, column)
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


def folded(project: Project, variable: Symbol) -> Value:
    """The constant that a variable holds, as a value."""
    try:
        known = project[constant_of, (variable.path, variable.name)]
    except CyclicFact:
        return Unknown(f"`{variable.name}` is defined through itself")
    return known if isinstance(known, Unknown) else Literal(known)
