"""What expressions give while the code of URLconfs is followed."""

from __future__ import annotations

from abc import ABC, abstractmethod

from cdlint.facts import tree
from cdlint.facts.builtin import BUILTINS
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol, Unknown, external
from cdlint.project.classes import ancestry, class_facts, class_member, fields, function_facts, resolve_in
from cdlint.project.modules import find_module
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._setting_values import setting_value
from ._url_text import formatted, joined, url_part
from ._url_values import (
    Attribute,
    Either,
    Frame,
    Item,
    Lambda,
    Listing,
    Made,
    Method,
    Object,
    Super,
    Table,
    Value,
    either,
    short,
    truth,
)

STEPS = 400_000
"""How many expressions and statements are followed for one settings module."""

SETTINGS = "django.conf.settings"
_URL_PARSERS = ("urllib.parse.urlparse", "urllib.parse.urlsplit")


class Expressions(ABC):
    """Evaluates expressions. Calls and statements are left to the class that runs them."""

    def __init__(self, project: Project, settings: str) -> None:
        self.project = project
        self.settings = settings
        self.steps = STEPS
        self.reading: set[tuple[Symbol, str]] = set()
        self.known: dict[tuple[str, str, str], Answer] = {}
        """What names mean where no statement that was followed binds them: functions are run again and again."""

    @abstractmethod
    def call(self, frame: Frame, node: tree.Call) -> Value:
        """What a call gives."""

    @abstractmethod
    def module(self, path: str) -> dict[str, Value]:
        """The names of a module after it has run, or as far as it has."""

    @abstractmethod
    def invoke(self, frame: Frame, function: Symbol, args: tuple[Value, ...]) -> Value:
        """Run a function of the repository."""

    def eval(self, frame: Frame, node: Node | None) -> Value:
        """What an expression gives."""
        self.steps -= 1
        if node is None or self.steps < 0:
            return Unknown("followed too far")
        if isinstance(node, tree.Constant):
            return node.value
        if isinstance(node, tree.Path):
            return self.path(frame, node.text)
        if isinstance(node, tree.Call):
            return self.call(frame, node)
        if isinstance(node, tree.Attribute):
            return self.attributes(frame, self.eval(frame, node.value), node.text)
        if isinstance(node, tree.Sequence):
            return self.sequence(frame, node)
        if isinstance(node, tree.Mapping):
            return self.mapping(frame, node)
        if isinstance(node, tree.Binary):
            return self.binary(frame, node)
        if isinstance(node, tree.FString):
            return joined([self.eval(frame, part) for part in node.parts])
        return self.other(frame, node)

    def other(self, frame: Frame, node: Node) -> Value:
        """The less usual expressions."""
        if isinstance(node, tree.Conditional):
            known = truth(self.eval(frame, node.test))
            chosen = [node.body, node.orelse] if known is None else [node.body if known else node.orelse]
            return either([self.eval(frame, each) for each in chosen])
        if isinstance(node, tree.Boolean):
            return self.boolean(frame, node)
        if isinstance(node, tree.Unary) and node.op == "not":
            known = truth(self.eval(frame, node.value))
            return Unknown("a condition") if known is None else not known
        if isinstance(node, tree.Comprehension):
            return self.comprehension(frame, node)
        if isinstance(node, tree.Subscript):
            return self.item(frame, self.eval(frame, node.value), node.index)
        if isinstance(node, (tree.Starred, tree.Await)):
            return self.eval(frame, node.value)
        if isinstance(node, tree.Walrus):
            frame.env[node.name] = self.eval(frame, node.value)
            return frame.env[node.name]
        if isinstance(node, tree.Lambda):
            return Lambda(Location(frame.path, node.at), node.params, node.body)
        if isinstance(node, tree.Compare):
            return self.compare(frame, node)
        return Unknown("an expression that is not followed")

    def compare(self, frame: Frame, node: tree.Compare) -> Value:
        """`a == b`, `a in b` for constants."""
        left, right = self.eval(frame, node.terms[0]), self.eval(frame, node.terms[-1])
        if len(node.ops) != 1:
            return Unknown("a comparison")
        plain = (str, int, float, bool, type(None))
        if isinstance(left, plain) and isinstance(right, plain) and node.ops[0] in ("==", "!=", "is", "is not"):
            return (left == right) == (node.ops[0] in ("==", "is"))
        if isinstance(left, str) and isinstance(right, Listing) and left in right.values():
            return node.ops[0] == "in" if node.ops[0] in ("in", "not in") else Unknown("a comparison")
        return Unknown("a comparison")

    def boolean(self, frame: Frame, node: tree.Boolean) -> Value:
        """`a or b`, `a and b`."""
        possible: list[Value] = []
        for each in node.values:
            value = self.eval(frame, each)
            known = truth(value)
            if known is not None and known == (node.op == "or"):
                return either([*possible, value]) if possible else value
            if known is None or each is node.values[-1]:
                possible.append(value)
        return either(possible)

    def sequence(self, frame: Frame, node: tree.Sequence) -> Value:
        """A display of items."""
        made = Listing(node.kind)
        for item in node.items:
            value = self.eval(frame, item)
            if not isinstance(item, tree.Starred):
                made.add(value, True)
            else:
                self.extend(frame, made, value, Location(frame.path, item.at), True)
        return made

    def extend(self, frame: Frame, target: Listing, added: Value, at: Location, certain: bool) -> None:
        """A list gets all that something holds; what is not seen to be a list stands in it."""
        known = self.iterated(added)
        if known is not None:
            target.take(known, certain)
        elif isinstance(added, Either):
            for each in added.values:
                self.extend(frame, target, each, at, False)
        elif isinstance(added, (Made, Attribute, Object)) or (isinstance(added, Symbol) and added.kind == "external"):
            target.add(added, certain)
        elif isinstance(added, Unknown):
            target.doubts.append((at, added.why))

    def iterated(self, value: Value) -> Listing | None:
        """What a loop over a value sees; None when that is not known."""
        if isinstance(value, Listing):
            return value
        if isinstance(value, Table):
            return Listing("list", [Item(key, item.certain) for key, item in value.items.items()])
        if isinstance(value, str):
            return Listing("list", [Item(each, True) for each in value]) if len(value) < 50 else None
        return None

    def mapping(self, frame: Frame, node: tree.Mapping) -> Value:
        """A dict display."""
        made = Table()
        for key, item in node.items:
            value = self.eval(frame, item)
            name = self.eval(frame, key) if key is not None else None
            if key is None and isinstance(value, Table):
                made.items.update(value.items)
            elif isinstance(name, (str, int)):
                made.items[name] = Item(value, True)
        return made

    def binary(self, frame: Frame, node: tree.Binary) -> Value:
        """`a + b`, and strings that are formatted with `%`."""
        terms = [self.eval(frame, term) for term in node.terms]
        if node.op == "+" and all(isinstance(term, str) for term in terms):
            return short("".join(terms))
        if node.op == "+" and any(isinstance(term, (Listing, Made, Attribute, Either)) for term in terms):
            kinds = [term.kind for term in terms if isinstance(term, Listing)]
            made = Listing(kinds[0] if kinds else "list")
            for term, inner in zip(terms, node.terms, strict=True):
                self.extend(frame, made, term, Location(frame.path, inner.at), True)
            return made
        if node.op == "%" and len(terms) == 2 and isinstance(terms[0], str):
            return formatted(terms[0], terms[1].values() if isinstance(terms[1], Listing) else [terms[1]])
        return Unknown(f"the result of `{node.op}`")

    def comprehension(self, frame: Frame, node: tree.Comprehension) -> Value:
        """A comprehension over known items, its element once for each."""
        made = Listing("list")
        inner = Frame(frame.path, frame.qualname, frame, frame.certain)
        self.generate(inner, node, 0, made, True)
        return made

    def generate(self, frame: Frame, node: tree.Comprehension, level: int, made: Listing, certain: bool) -> None:
        """One `for` of a comprehension after the other."""
        if level == len(node.generators):
            made.add(self.eval(frame, node.element), certain)
            return
        each = node.generators[level]
        known = self.iterated(self.eval(frame, each.iterable))
        if known is None:
            made.doubts.append((Location(frame.path, node.at), "a comprehension over something that is not known"))
            return
        made.doubts.extend(known.doubts)
        for item in list(known.items):
            self.bind(frame, each.target, item.value)
            tests = [truth(self.eval(frame, condition)) for condition in each.conditions]
            if False not in tests:
                self.generate(frame, node, level + 1, made, certain and item.certain and None not in tests)

    def bind(self, frame: Frame, target: Node, value: Value) -> None:
        """Give names a value, unpacking it when the target is a tuple."""
        if isinstance(target, tree.Path):
            owner, _, name = target.text.rpartition(".")
            if not owner:
                frame.env[name] = value
                return
            holder = self.path(frame, owner)
            if isinstance(holder, (Object, Made)):
                holder.attributes[name] = value
        elif isinstance(target, tree.Sequence):
            known = self.iterated(value)
            items = known.values() if known is not None else []
            for index, each in enumerate(target.items):
                fits = len(items) == len(target.items)
                self.bind(frame, each, items[index] if fits else Unknown("unpacked from something not known"))
        elif isinstance(target, tree.Subscript):
            holder, key = self.eval(frame, target.value), self.eval(frame, target.index)
            if isinstance(holder, Table) and isinstance(key, (str, int)):
                holder.items[key] = Item(value, frame.certain)

    def item(self, frame: Frame, value: Value, index: Node) -> Value:
        """`value[index]`."""
        if isinstance(index, tree.Slice):
            if isinstance(value, Listing):
                ends = [None if each is None else self.eval(frame, each) for each in (index.lower, index.upper)]
                if all(end is None or isinstance(end, int) for end in ends) and index.step is None:
                    return Listing(value.kind, value.items[ends[0] : ends[1]])
            return Unknown("a part of a list")
        key = self.eval(frame, index)
        if isinstance(value, Listing) and isinstance(key, int):
            return value.items[key].value if -len(value.items) <= key < len(value.items) else Unknown("an item")
        if isinstance(value, Table) and isinstance(key, (str, int)) and key in value.items:
            return value.items[key].value
        if isinstance(value, (Made, Attribute)) and isinstance(key, int):
            return Attribute(value, f"[{key}]")
        return Unknown("an item that is not known")

    # Names and attributes

    def path(self, frame: Frame, text: str) -> Value:
        """The value of `a.b.c`."""
        first, _, rest = text.partition(".")
        value = self.name(frame, first)
        return self.attributes(frame, value, rest) if rest else value

    def name(self, frame: Frame, name: str) -> Value:
        """The value of a bare name."""
        scope: Frame | None = frame
        while scope is not None:
            if name in scope.env:
                return scope.env[name]
            scope = scope.parent
        key = (frame.path, frame.qualname, name)
        found = self.known.get(key)
        if found is None:
            found = resolve_in(self.project, *key)
            if not isinstance(found, Symbol) and name in BUILTINS:
                found = external(f"builtins.{name}")
            self.known[key] = found
        return self.meant(found)

    def meant(self, answer: Answer) -> Value:
        """The value of a symbol: of a variable what it holds, else the symbol itself."""
        if isinstance(answer, Symbol) and answer.kind == "variable":
            if "." in answer.name:
                owner, _, name = answer.name.rpartition(".")
                return self.class_field(Symbol("class", answer.path, owner), name)
            return self.module(answer.path).get(answer.name, Unknown(f"`{answer.name}`"))
        return answer if isinstance(answer, Symbol) else Unknown(getattr(answer, "why", "it does not exist"))

    def attributes(self, frame: Frame, value: Value, names: str) -> Value:
        """The value of attributes read in a row."""
        for name in names.split("."):
            value = self.attribute(frame, value, name)
        return value

    def attribute(self, frame: Frame, value: Value, name: str) -> Value:
        """The value of one attribute."""
        if isinstance(value, Symbol):
            return self.symbol_attribute(frame, value, name)
        if isinstance(value, Object):
            if name in value.attributes:
                return value.attributes[name]
            return self.member(frame, value, value.cls, None, name)
        if isinstance(value, Super):
            cls = value.owner.cls if isinstance(value.owner, Object) else value.owner
            return self.member(frame, value.owner, cls, value.after, name) if isinstance(cls, Symbol) else Unknown(name)
        if isinstance(value, Made) and value.name in _URL_PARSERS and value.args and isinstance(value.args[0], str):
            return url_part(value.args[0], name)
        if isinstance(value, (Made, Attribute, Listing, Table, str)):
            return Attribute(value, name)
        return Unknown(f"attribute `{name}` of something that is not known")

    def symbol_attribute(self, frame: Frame, value: Symbol, name: str) -> Value:
        """An attribute of a module, a class or something from outside."""
        if value.kind == "external":
            if value.name == SETTINGS:
                known = setting_value(self.project, self.settings, name)
                if not isinstance(known, Unknown) or not self.settings:
                    return known
                computed = self.module(self.settings).get(name)
                return computed if isinstance(computed, (str, bool, int, Listing)) else known
            return external(f"{value.name}.{name}")
        if value.kind == "module":
            env = self.module(value.path) if value.path.endswith(".py") and self.binds(value.path, name) else {}
            return env[name] if name in env else self.meant(self.project[lookup, (value.path, name)])
        if value.kind == "class":
            return Attribute(value, name) if name == "as_view" else self.member(frame, value, value, None, name)
        return Attribute(value, name)

    def binds(self, path: str, name: str) -> bool:
        """Whether a module assigns a name itself, or may get it from a star import."""
        module = self.project.module(path)
        kinds = ("assign", "augment", "target")
        return module is not None and any(b.name == name and b.kind in kinds for b in module.bindings)

    def member(self, frame: Frame, owner: Value, cls: Symbol, after: Symbol | None, name: str) -> Value:
        """What a class brings to its objects, looked up above `after` if that is given."""
        found: Answer = Unknown(name)
        if after is None:
            found = self.project[class_member, (cls, name)]
        else:
            order = self.project[ancestry, cls].first_party
            above = order[order.index(after) + 1 :] if after in order else ()
            holder = next(
                (each for each in above if name in getattr(class_facts(self.project, each), "methods", ())), None
            )
            found = Symbol("function", holder.path, f"{holder.name}.{name}") if holder else external(name)
        if not isinstance(found, Symbol):
            return Attribute(owner, name)
        if found.kind == "external":
            return Attribute(Super(owner, after) if after is not None else owner, name)
        if found.kind == "variable":
            return self.class_field(cls, name)
        if found.kind != "function":
            return found
        facts = function_facts(self.project, found)
        marks = {getattr(decorator, "last", "") for decorator in facts.decorators} if facts else set()
        if marks & {"property", "cached_property"} and isinstance(owner, Object):
            return self.invoke(frame, found, (owner,))
        return found if "staticmethod" in marks else Method(found, cls if "classmethod" in marks else owner)

    def class_field(self, cls: Symbol, name: str) -> Value:
        """What a class variable holds."""
        for owner, binding in fields(self.project, cls):
            if binding.name == name and binding.value_code is not None and (owner, name) not in self.reading:
                self.reading.add((owner, name))
                value = self.eval(Frame(owner.path, owner.name, None, True), binding.value)
                self.reading.discard((owner, name))
                return value
        return Unknown(f"`{cls.name}.{name}`")

    def named_module(self, importer: str, name: str) -> Answer:
        """The module of a dotted name."""
        return self.project[find_module, (importer, name)]
