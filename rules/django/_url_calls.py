"""Calls in URLconfs: functions of the repository are run, lists change, the rest is kept as it is written."""

from __future__ import annotations

import re
from abc import abstractmethod

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown, external
from cdlint.project.classes import ancestry, class_facts, class_member, function_facts
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._apps import installed
from ._url_expressions import Expressions
from ._url_text import joined, text_method
from ._url_values import (
    Attribute,
    Closure,
    Event,
    Frame,
    Item,
    Keywords,
    Lambda,
    Listing,
    Made,
    Method,
    Object,
    Super,
    Table,
    Value,
    argument,
)

_COPIES = frozenset(f"builtins.{name}" for name in ("list", "tuple", "set", "sorted", "frozenset", "iter"))
_IMPORTING = frozenset(
    {"importlib.import_module", "django.utils.module_loading.import_string", "builtins.__import__", "import_module"}
)
_SPREADING = frozenset({"django.conf.urls.patterns", "django.conf.urls.defaults.patterns"})
_ENVIRONMENT = frozenset({"os.getenv", "os.environ.get", "environ", "environs", "decouple", "starlette"})
_LAZY = frozenset(
    f"django.utils.translation.{name}"
    for name in ("gettext_lazy", "ugettext_lazy", "pgettext_lazy", "gettext", "ugettext", "gettext_noop")
)
DEPTH = 10
"""How deep calls are followed into each other."""


class Calls(Expressions):
    """What calls give. Running functions is left to the class that knows statements."""

    nesting = 0
    """How many calls are being followed into each other."""

    @abstractmethod
    def run(
        self, frame: Frame, function: Symbol, args: tuple[Value, ...], keywords: Keywords, around: Frame | None
    ) -> Value:
        """What a function of the repository returns for these arguments."""

    def call(self, frame: Frame, node: tree.Call) -> Value:
        """What a call gives."""
        callee = self.eval(frame, node.func)
        args: list[Value] = []
        for each in node.args:
            value = self.eval(frame, each)
            known = self.iterated(value) if isinstance(each, tree.Starred) else None
            args.extend(known.values() if known is not None else [value])
        keywords: list[tuple[str, Value]] = []
        for keyword in node.keywords:
            value = self.eval(frame, keyword.value)
            if keyword.name is not None:
                keywords.append((keyword.name, value))
            elif isinstance(value, Table):
                keywords.extend((str(key), item.value) for key, item in value.items.items())
        return self.apply(frame, callee, tuple(args), tuple(keywords), Location(frame.path, node.at))

    def apply(self, frame: Frame, callee: Value, args: tuple[Value, ...], keywords: Keywords, at: Location) -> Value:
        """Call a value."""
        if isinstance(callee, Symbol) and callee.kind == "function":
            return self.run(frame, callee, args, keywords, None)
        if isinstance(callee, Method):
            return self.run(frame, callee.function, (callee.owner, *args), keywords, None)
        if isinstance(callee, Closure):
            return self.run(frame, callee.function, args, keywords, callee.frame)
        if isinstance(callee, Symbol) and callee.kind == "class":
            return self.construct(frame, callee, args, keywords, at)
        if isinstance(callee, Attribute):
            return self.method(frame, callee, args, keywords, at)
        if isinstance(callee, Symbol) and callee.kind == "external":
            return self.outside(frame, callee.name, args, keywords, at)
        if isinstance(callee, Lambda):
            inner = Frame(callee.at.path, frame.qualname, frame, frame.certain)
            inner.env.update(zip(callee.params, args, strict=False))
            self.nesting += 1
            value = self.eval(inner, callee.body) if self.nesting < DEPTH else Unknown("calls that are nested deeply")
            self.nesting -= 1
            return value
        if isinstance(callee, Object):
            found = self.project[class_member, (callee.cls, "__call__")]
            if isinstance(found, Symbol) and found.kind == "function":
                return self.run(frame, found, (callee, *args), keywords, None)
        if isinstance(callee, Made) and callee.name.partition(".")[0] in _ENVIRONMENT:
            return self.method(frame, Attribute(callee, "__call__"), args, keywords, at)
        return Made(callee, args, keywords, at)

    def construct(self, frame: Frame, cls: Symbol, args: tuple[Value, ...], keywords: Keywords, at: Location) -> Value:
        """An object of a class of the repository, its constructor run."""
        made = Object(cls, args, keywords, at)
        init = self.project[class_member, (cls, "__init__")]
        if isinstance(init, Symbol) and init.kind == "function":
            self.run(frame, init, (made, *args), keywords, None)
        else:
            made.attributes.update([*zip(_record_fields(self.project, cls), args, strict=False), *keywords])
        return made

    def method(
        self, frame: Frame, callee: Attribute, args: tuple[Value, ...], keywords: Keywords, at: Location
    ) -> Value:
        """A method of a list, a dict, a string or of an object from outside."""
        owner, name = callee
        if isinstance(owner, Listing):
            return self.list_method(frame, owner, name, args, at)
        if isinstance(owner, str):
            return text_method(owner, name, args, keywords)
        if isinstance(owner, Table):
            return _table_method(owner, name, args, keywords, frame.certain)
        if isinstance(owner, Super) and name == "__init__" and isinstance(owner.owner, Object):
            owner.owner.args, owner.owner.keywords = args, (*keywords, *owner.owner.keywords)
        if isinstance(owner, Made) and owner.name.partition(".")[0] in _ENVIRONMENT:
            default = argument(args, keywords, 1, ("default",))
            declared = owner.argument(-1, args[0]) if args and isinstance(args[0], str) else None
            if default is None and isinstance(declared, Listing) and len(declared.items) == 2:
                default = declared.items[1].value
            return Unknown(f"`{name}()` reads the environment") if default is None else default
        made = Made(callee, args, keywords, at)
        holder, steps = owner, [name]
        while isinstance(holder, Attribute):
            steps.append(holder.name)
            holder = holder.owner
        if isinstance(holder, Super):
            holder = holder.owner
        if isinstance(holder, (Made, Object)):
            holder.events.append(Event(".".join(reversed(steps)), args, keywords, at, frame.certain, made))
        return made

    def list_method(self, frame: Frame, owner: Listing, name: str, args: tuple[Value, ...], at: Location) -> Value:
        """`append` and the like."""
        if name in ("append", "add") and args:
            owner.add(args[0], frame.certain)
        elif name == "insert" and len(args) == 2:
            owner.items.insert(args[0] if isinstance(args[0], int) else 0, Item(args[1], frame.certain))
        elif name == "extend" and args:
            self.extend(frame, owner, args[0], at, frame.certain)
        elif name == "copy":
            return Listing(owner.kind, list(owner.items))
        elif name == "pop" and owner.items and not args:
            return owner.items.pop().value
        return None

    def outside(self, frame: Frame, name: str, args: tuple[Value, ...], keywords: Keywords, at: Location) -> Value:
        """A call of something from outside: a few are known, the rest is kept as it is."""
        if name in _COPIES and len(args) <= 1:
            known = self.iterated(args[0]) if args else Listing()
            return Listing("list", list(known.items)) if known is not None else args[0]
        if name == "builtins.reversed" and args and isinstance(args[0], Listing):
            return Listing("list", list(reversed(args[0].items)))
        if name in ("builtins.enumerate", "builtins.zip"):
            return self.paired(name, args)
        if name == "builtins.getattr" and len(args) >= 2 and isinstance(args[1], str):
            found = self.attribute(frame, args[0], args[1])
            return args[2] if len(args) == 3 and isinstance(found, Unknown) else found
        if name == "builtins.super":
            return self.super_of(frame)
        if name == "builtins.str" and len(args) == 1:
            return joined(list(args))
        if name in _IMPORTING and args:
            return self.imported(frame, args[0]) if isinstance(args[0], str) else Unknown("a computed import")
        if name in _SPREADING:
            return Listing("list", [Item(value, True) for value in args[1:]])
        if name.endswith("i18n_patterns") or name == "itertools.chain":
            return self.localized(frame, name, args, keywords, at)
        if name == "functools.reduce" and len(args) > 1 and isinstance(args[1], Listing):
            return self.reduced(frame, args, at)
        if name == "django.apps.apps.get_app_config" and args and isinstance(args[0], str):
            config = self.app_config(args[0])
            if config is not None:
                return self.construct(frame, config, (), (), at)
        if name == "re.escape" and args and isinstance(args[0], str):
            return re.escape(args[0])
        if name.startswith("swapper.") and len(args) == 2 and all(isinstance(each, str) for each in args):
            return f"{args[0]}.{args[1]}"
        if name in _LAZY and args and isinstance(args[-1], str):
            return args[-1]
        if name in _ENVIRONMENT or name.partition(".")[0] in _ENVIRONMENT:
            default = argument(args, keywords, 1, ("default",))
            if default is not None:
                return default
        return Made(external(name), args, keywords, at)

    def reduced(self, frame: Frame, args: tuple[Value, ...], at: Location) -> Value:
        """`reduce(add, lists)`, and with functions of the repository."""
        operator = args[0].name.rpartition(".")[2] if isinstance(args[0], Symbol) else ""
        if operator in ("add", "iadd", "concat", "iconcat"):
            made = Listing()
            for item in args[1].items:
                self.extend(frame, made, item.value, at, item.certain)
            return made
        values = [*args[2:], *args[1].values()]
        result = values[0] if values else Unknown("nothing to reduce")
        for each in values[1:]:
            result = self.apply(frame, args[0], (result, each), (), at)
        return result

    def app_config(self, label: str) -> Symbol | None:
        """The class of the installed app with a label."""
        apps = self.project[installed, self.settings].apps if self.settings else ()
        return next((app.config for app in apps if app.label == label and app.config is not None), None)

    def localized(self, frame: Frame, name: str, args: tuple[Value, ...], keywords: Keywords, at: Location) -> Value:
        """`i18n_patterns(...)`, a list of one resolver; `chain(...)`, one list of several."""
        made = Listing()
        if name.endswith("i18n_patterns"):
            made.add(Made(external(name), args, keywords, at), True)
        for each in args if name == "itertools.chain" else ():
            self.extend(frame, made, each, at, True)
        return made

    def paired(self, name: str, args: tuple[Value, ...]) -> Value:
        """`enumerate` and `zip`."""
        known = [self.iterated(each) for each in args]
        lists = [each.values() for each in known if each is not None]
        if not lists or len(lists) != len(args):
            return Unknown("a loop over something that is not known")
        if name.endswith("enumerate"):
            lists = [list(range(len(lists[0]))), lists[0]]
        rows = [Listing("tuple", [Item(value, True) for value in row]) for row in zip(*lists, strict=False)]
        return Listing("list", [Item(row, True) for row in rows])

    def imported(self, frame: Frame, text: str) -> Value:
        """`import_module("a.b")`, `import_string("a.b.name")`."""
        found = self.named_module(frame.path, text)
        if isinstance(found, Symbol) and found.kind == "module":
            return found
        return self.named(frame.path, text)

    def named(self, path: str, text: str) -> Value:
        """What a dotted name in a string stands for."""
        owner, _, name = text.rpartition(".")
        found = self.named_module(path, owner) if owner else Unknown("no module")
        if isinstance(found, Symbol) and found.kind == "module":
            return self.meant(self.project[lookup, (found.path, name)])
        return external(text) if isinstance(found, Symbol) else Unknown(f"`{text}`")

    def super_of(self, frame: Frame) -> Value:
        """`super()` inside a method."""
        facts = function_facts(self.project, Symbol("function", frame.path, frame.qualname))
        if facts is None or not facts.owner or not facts.params:
            return Unknown("`super()`")
        owner = frame.env.get(facts.params[0].name, Unknown("no object"))
        return Super(owner, Symbol("class", frame.path, facts.owner))


def _table_method(owner: Table, name: str, args: tuple[Value, ...], keywords: Keywords, certain: bool) -> Value:
    """`items`, `get`, `setdefault` and the like."""
    if name == "items":
        pairs = [(Listing("tuple", [Item(key, True), item]), item.certain) for key, item in owner.items.items()]
        return Listing("list", [Item(pair, sure) for pair, sure in pairs])
    if name in ("values", "keys"):
        items = list(owner.items.values()) if name == "values" else [Item(key, True) for key in owner.items]
        return Listing("list", items)
    if name == "update":
        if args and isinstance(args[0], Table):
            owner.items.update(args[0].items)
        owner.items.update({key: Item(value, certain) for key, value in keywords})
        return None
    key = args[0] if args else None
    if name in ("get", "pop", "setdefault") and isinstance(key, (str, int)):
        default = args[1] if len(args) > 1 else None
        held = owner.items.pop(key, None) if name == "pop" else owner.items.get(key)
        if held is None and name == "setdefault":
            held = owner.items[key] = Item(default, certain)
        return held.value if held is not None else default
    return Unknown(f"the result of `{name}`")


def _record_fields(project: Project, cls: Symbol) -> tuple[str, ...]:
    """The fields of a named tuple or dataclass, in the order in which they are given."""
    facts, above = class_facts(project, cls), project[ancestry, cls]
    named = any(name.endswith(".NamedTuple") for name in above.external)
    marks = {getattr(getattr(each, "func", each), "last", "") for each in facts.decorators} if facts else set()
    # What is inherited would come before the own fields.
    if facts is None or len(above.first_party) > 1 or not (named or "dataclass" in marks):
        return ()
    return tuple(each.name for each in facts.fields if each.annotation_code)
