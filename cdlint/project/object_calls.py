"""Calls while watched objects are followed: constructors, helpers, factories, methods, decorators."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..facts import tree
from ..facts.model import Function
from ..facts.tree import At
from .answers import Absent, Symbol, Unknown, external
from .classes import ancestry, class_member, function_facts
from .modules import find_module, module_name
from .object_frames import NOTHING, Closure, Frame, Super
from .object_text import called
from .object_values import Values
from .object_walks import IMPORTERS, import_name, modules_like
from .objects import (
    GAP,
    Bound,
    Instance,
    Items,
    Literal,
    Method,
    Partial,
    Pending,
    Record,
    Spread,
    Table,
    Text,
    Thing,
    Value,
    things_in,
)
from .values import annotated

Keywords = tuple[tuple[str, Value], ...]

_HARMLESS = frozenset(
    f"builtins.{name}"
    for name in ("print", "len", "isinstance", "issubclass", "hasattr", "id", "repr", "str", "type", "vars", "bool")
)
_COPIES = frozenset(f"builtins.{name}" for name in ("list", "tuple", "set", "sorted", "frozenset", "iter", "reversed"))
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get"})
_IMPORT_STRING = "werkzeug.utils.import_string"
_LITTLE = 3
"""Functions of so few statements are followed for their result alone, those given constants only with more."""


def _callable(value: Value) -> bool:
    """Whether a value is a function, or a view that a class made."""
    if isinstance(value, Partial) and isinstance(value.target, Bound):
        value = value.target
    if isinstance(value, Bound):
        return isinstance(value.owner, Symbol) and value.name == "as_view()"
    return isinstance(value, (Closure, Method)) or (isinstance(value, Symbol) and value.kind == "function")


def _text(value: Value) -> Any:
    return value.pattern if isinstance(value, Text) else value.value


class Calls(Values):
    """What calls come to. Bodies are left to the class that knows statements."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.stack: list[Symbol] = []

    @abstractmethod
    def body(self, frame: Frame, function: Function) -> Value:
        """Run the body of a function and give what it returns."""

    def call(self, frame: Frame, node: tree.Call) -> Value:
        """The value of a call, after running it."""
        callee = self.eval(frame, node.func)
        args: list[Value] = []
        for each in node.args:
            value = self.eval(frame, each)
            if not isinstance(each, tree.Starred):
                args.append(value)
            elif isinstance(value, Items):
                args.extend(value.items)
            else:
                args.append(Spread())
        keywords: list[tuple[str, Value]] = []
        for keyword in node.keywords:
            value = self.eval(frame, keyword.value)
            if keyword.name is not None:
                keywords.append((keyword.name, value))
            elif isinstance(value, Table) and all(isinstance(key, Literal) for key, _ in value.items):
                keywords.extend((str(key.value), item) for key, item in value.items)
            else:
                keywords.append(("**", value))
        if isinstance(callee, Unknown):
            return self.unknown_call(frame, node, tuple(args), tuple(keywords))
        if isinstance(callee, Bound) and self.misses(frame, node.func, callee, args):
            return args[1] if len(args) > 1 else Literal(None)
        return self.apply(frame, callee, tuple(args), tuple(keywords), node.at)

    def misses(self, frame: Frame, func: tree.Node, callee: Bound, args: list[Value]) -> bool:
        """Whether this is `table.get(key)` of a key that a running function's own dict, all known, does not have."""
        held = frame.env.get(getattr(func, "text", "").rpartition(".")[0])
        if callee.name != "get" or not args or not isinstance(held, Table) or callee.owner is not held:
            return False
        keys = [key for key, _ in held.items]
        known = all(isinstance(each, (Literal, Symbol)) for each in (*keys, args[0]))
        return known and bool(frame.qualname) and args[0] not in keys

    def unknown_call(self, frame: Frame, node: tree.Call, args: tuple[Value, ...], keywords: Keywords) -> Value:
        """A call of something unknown: a verb on an object that is not known, or things going out of sight."""
        text = getattr(node.func, "text", "")
        name = text.rpartition(".")[2]
        if name in self.watch.verbs and ("." in text or isinstance(node.func, tree.Attribute)):
            self.note(frame, "call", Unknown(f"`{text}`"), node.at, name, args, keywords)
        else:
            values = (*args, *(value for _, value in keywords))
            self.escape(frame, Items(values), node.at, f"it is passed to `{text or 'a call'}`")
        return Unknown(f"the result of `{text}`" if text else "the result of a call")

    def apply(self, frame: Frame, callee: Value, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """Call a value."""
        self.steps -= 1
        if self.steps < 0:
            return NOTHING
        if isinstance(callee, Partial):
            merged = {**dict(callee.keywords), **dict(keywords)}
            return self.apply(frame, callee.target, (*callee.args, *args), tuple(merged.items()), at)
        if isinstance(callee, Bound):
            return self.bound_call(frame, callee, args, keywords, at)
        if isinstance(callee, Pending):
            return self.decorate(frame, callee, args, at)
        if isinstance(callee, Method):
            return self.function_call(frame, callee.function, (callee.owner, *args), keywords, at)
        if isinstance(callee, Closure):
            return self.run(frame, callee.function, args, keywords, at, callee.frame)
        if isinstance(callee, Symbol):
            return self.symbol_call(frame, callee, args, keywords, at)
        if isinstance(callee, Absent):
            return NOTHING  # It would fail, so whoever wrote it has seen to it that it does not run.
        if isinstance(callee, Instance):
            method = self.project[class_member, (callee.cls, "__call__")]
            if isinstance(method, Symbol) and method.kind == "function":
                return self.function_call(frame, method, (callee, *args), keywords, at)
        return self.away(frame, "a call", args, keywords, at)

    def away(self, frame: Frame, what: str, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """A call that is not followed."""
        values = Items((*args, *(value for _, value in keywords)))
        self.escape(frame, values, at, f"it is passed to {what}")
        return Unknown(f"the result of {what}")

    def bound_call(self, frame: Frame, callee: Bound, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """A method of a thing, of a list or of a dict."""
        owner, name = callee.owner, callee.name
        if isinstance(owner, Thing):
            if name == f"{self.watch.settings}.get" and args:
                known = self.item(Bound(owner, self.watch.settings), args[0])
                return args[1] if isinstance(known, Unknown) and len(args) > 1 else known
            return self.verb(frame, owner, name, args, keywords, at)
        if isinstance(owner, Table):
            if name == "items":
                return Items(tuple(Items(pair) for pair in owner.items))
            if name in ("values", "keys"):
                return Items(tuple(pair[name == "values"] for pair in owner.items))
            if name == "get" and args:
                return self.item(owner, args[0])
        if isinstance(owner, (Literal, Text)) and isinstance(_text(owner), str):
            return called(_text(owner), name, args, keywords)
        if isinstance(owner, Items) and name == "copy":
            return owner
        if isinstance(owner, Symbol):
            # A class method that comes from outside, such as `as_view`.
            self.away(frame, f"`{name}`", args, keywords, at)
            made = Bound(owner, f"{name}()")
            return Partial(made, args, keywords) if name == "as_view" else made
        return self.away(frame, f"`{name}`", args, keywords, at)

    def verb(self, frame: Frame, owner: Thing, name: str, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """A method of a thing: one that makes another, or one that may turn out to be a decorator."""
        made_of = next((cls for verb, cls in self.watch.makes if name == verb), None)
        noted = self.note(frame, "call", owner, at, name, args, keywords)
        if made_of is None:
            return Pending(noted)
        made = Thing(made_of, None, frame.path, at, frame.context)
        self.happenings[-1] = noted._replace(result=made)
        self.note(frame, "made", made, at, "__init__", args, keywords)
        return made

    def decorate(self, frame: Frame, callee: Pending, args: tuple[Value, ...], at: At) -> Value:
        """What a thing's method returned is called with a function: it was a decorator."""
        target = args[0] if args else NOTHING
        handler = target.function if isinstance(target, (Closure, Method)) else target
        made = callee.happening
        symbol = handler if isinstance(handler, Symbol) else None
        facts = function_facts(self.project, symbol) if symbol else None
        noted = made._replace(kind="decorate", handler=symbol, handler_at=facts.at if facts else None)
        self.happenings.append(noted._replace(conditions=tuple(dict.fromkeys((*made.conditions, *self.conditions)))))
        return target

    def symbol_call(self, frame: Frame, callee: Symbol, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """A call of a function or class, of the repository or from outside."""
        if callee.kind == "function":
            return self.function_call(frame, callee, args, keywords, at)
        if callee.kind == "class":
            return self.construct(frame, callee, args, keywords, at)
        if callee.kind != "external":
            return self.away(frame, f"`{callee.name}`", args, keywords, at)
        name = callee.name
        if name in self.watch.classes:
            made = Thing(name, None, frame.path, at, frame.context)
            self.note(frame, "made", made, at, "__init__", args, keywords)
            return made
        if name in self.watch.records:
            return Record(name, args, keywords, frame.path, at)
        if name == "functools.partial" and args:
            return Partial(args[0], args[1:], keywords)
        if name == "builtins.super":
            return self.super_of(frame)
        return self.builtin(frame, name, args, keywords, at)

    def builtin(self, frame: Frame, name: str, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """A call of something external."""
        if name == "builtins.getattr" and len(args) >= 2 and isinstance(args[1], Literal):
            found = self.attribute(frame, args[0], str(args[1].value), at)
            return args[2] if isinstance(found, Absent) and len(args) == 3 else found
        if name == "werkzeug.utils.find_modules" and args and isinstance(args[0], Literal):
            deep = next((value for key, value in keywords if key == "recursive"), None) == Literal(True)
            found = self.project[modules_like, (frame.path, f"{args[0].value}.{GAP}", deep)]
            return Items(tuple(Literal(module_name(self.project, each.path)) for each in found))
        if name in IMPORTERS:
            return self.imported(frame, name, import_name(args, keywords))
        if name in _ENVIRONMENT and len(args) == 2 and isinstance(args[1], Literal):
            return args[1]
        if name == "builtins.str" and len(args) == 1 and isinstance(args[0], (Literal, Text)):
            return args[0] if isinstance(args[0], Text) else Literal(str(args[0].value))
        if name in _COPIES and len(args) == 1 and isinstance(args[0], (Items, Table)):
            items = self.iterated(args[0]) or ()
            return Items(tuple(reversed(items)) if name.endswith("reversed") else items)
        if name == "builtins.enumerate" and args and isinstance(args[0], Items):
            return Items(tuple(Items((Literal(i), item)) for i, item in enumerate(args[0].items)))
        if name == "builtins.zip" and args and all(isinstance(each, Items) for each in args):
            return Items(tuple(Items(tuple(group)) for group in zip(*(each.items for each in args), strict=False)))
        if name == "typing.cast" and len(args) == 2:
            return args[1]
        if len(args) == 1 and _callable(args[0]):
            return args[0]  # A decorator applied by hand.
        if name not in _HARMLESS and name not in self.watch.harmless:
            self.away(frame, f"`{name}`", args, keywords, at)
        return external(f"{name}()")

    def imported(self, frame: Frame, how: str, name: str | None) -> Value:
        """The module of a name that is known, or in a walk of a folder the one whose turn it is."""
        if name is not None and GAP not in name:
            found = self.project[find_module, (frame.path, name.replace(":", "."))]
            owner, _, attribute = name.replace(":", ".").rpartition(".")
            holder = self.project[find_module, (frame.path, owner)] if owner and how == _IMPORT_STRING else found
            if holder != found and isinstance(holder, Symbol) and holder.kind == "module" and isinstance(found, Absent):
                return self.symbol_attribute(holder, attribute)
            return external(f"{how}()") if isinstance(found, Symbol) and found.kind == "external" else found
        module = self.walk.module(self.project, frame.path, name) if name is not None and self.walk else None
        return external(f"{how}()") if module is None else module

    def super_of(self, frame: Frame) -> Value:
        """`super()` inside a method."""
        function = function_facts(self.project, Symbol("function", frame.path, frame.qualname))
        if function is None or not function.owner or not function.params:
            return NOTHING
        return Super(frame.env.get(function.params[0].name, NOTHING), Symbol("class", frame.path, function.owner))

    def construct(self, frame: Frame, cls: Symbol, args: tuple[Value, ...], keywords: Keywords, at: At) -> Value:
        """An object of a class of the repository."""
        outside = self.project[ancestry, cls].external
        watched = next((name for name in outside if name in self.watch.classes), None)
        if watched is not None:
            made = Thing(watched, cls, frame.path, at, frame.context)
            self.note(frame, "made", made, at, "", args, keywords)
            init = self.project[class_member, (cls, "__init__")]
            if isinstance(init, Symbol) and init.kind == "function":
                self.run(frame, init, (made, *args), keywords, at, None)
            else:
                self.note(frame, "call", made, at, "__init__", args, keywords)
            return made
        instance = Instance(cls, args, keywords, (*frame.context, (frame.path, at[0], at[1])))
        if any(isinstance(value, Closure) for value in (*args, *(value for _, value in keywords))):
            instance = Instance(cls, (), (), instance.context)
        self.heap[instance] = {}
        self.build(frame, instance, at)
        return instance

    def build(self, frame: Frame, instance: Instance, at: At) -> None:
        """Run the constructor of an instance, filling its attributes."""
        init = self.project[class_member, (instance.cls, "__init__")]
        carried = Items((*instance.args, *(value for _, value in instance.keywords)))
        if isinstance(init, Symbol) and init.kind == "function":
            if init in self.relevant or things_in(carried):
                self.run(frame, init, (instance, *instance.args), instance.keywords, at, None)
            return
        self.escape(frame, carried, at, f"it is passed to `{instance.cls.name}`")
        self.heap[instance].update(instance.keywords)

    def function_call(
        self, frame: Frame, function: Symbol, args: tuple[Value, ...], keywords: Keywords, at: At
    ) -> Value:
        """A function of the repository: followed when it matters, carries a thing or is little."""
        facts = function_facts(self.project, function)
        carried = Items((*args, *(value for _, value in keywords)))
        if facts is None or facts.is_generator:
            return self.away(frame, f"`{function.name}`", args, keywords, at)
        little = _LITTLE * 3 if args and all(isinstance(each, Literal) for each in carried.items) else _LITTLE
        if function in self.relevant or things_in(carried) or len(facts.body) <= little:
            return self.run(frame, function, args, keywords, at, None)
        return self.promised(function, facts)

    def promised(self, function: Symbol, facts: Function) -> Value:
        """What the annotation of a function says that it returns."""
        found = annotated(self.project, (function.path, function.name), facts.returns)
        if isinstance(found, Symbol) and found.kind == "instance":
            return Instance(Symbol("class", found.path, found.name), (), (), (("", 0, 0),))
        if isinstance(found, Symbol) and not self.watched(found):
            return found
        return Unknown(f"the result of `{function.name}`")

    def invoke(self, frame: Frame, function: Symbol, args: tuple[Value, ...], at: At) -> Value:
        """Run a function of the repository."""
        return self.function_call(frame, function, args, (), at)

    def run(
        self,
        frame: Frame,
        function: Symbol,
        args: tuple[Value, ...],
        keywords: Keywords,
        at: At,
        around: Frame | None,
    ) -> Value:
        """Run a function with arguments, unless it is running already or the calls are nested too deeply."""
        facts = function_facts(self.project, function)
        if facts is None or function in self.stack or len(self.stack) > 12:
            return self.away(frame, f"`{function.name}`", args, keywords, at)
        inner = Frame(function.path, function.name, around, (*frame.context, (frame.path, at[0], at[1])))
        self.parameters(inner, facts, args, keywords)
        inner.depth = len(self.conditions)
        self.entered.add(function)
        self.stack.append(function)
        conditions = self.conditions
        result = self.body(inner, facts)
        self.conditions = conditions
        self.stack.pop()
        return result

    def parameters(self, frame: Frame, function: Function, args: tuple[Value, ...], keywords: Keywords) -> None:
        """Give the parameters their values; one that is not given has its default or is unknown."""
        given = dict(keywords)
        spread = any(isinstance(each, Spread) for each in args)
        position = 0
        home = Frame(frame.path, "", None, frame.context)
        for param in function.params:
            if param.kind == "*":
                frame.env[param.name] = NOTHING if spread else Items(args[position:])
            elif param.kind == "**":
                rest = Table(tuple((Literal(key), item) for key, item in given.items()))
                frame.env[param.name] = NOTHING if "**" in given else rest
            elif param.kind != "keyword" and position < len(args) and not isinstance(args[position], Spread):
                frame.env[param.name] = args[position]
                position += 1
            elif param.name in given:
                frame.env[param.name] = given.pop(param.name)
            elif param.default_code is not None and not spread and "**" not in given:
                frame.env[param.name] = self.eval(home, param.default)
            else:
                frame.env[param.name] = Unknown(f"parameter `{param.name}`")
