"""Statements while watched objects are followed, and what variables of modules hold."""

from __future__ import annotations

from collections.abc import Callable

from ..facts import tree
from ..facts.model import Binding, Function
from ..facts.tree import At, Node
from . import Project
from .answers import Symbol, Unknown
from .classes import class_facts, function_facts
from .memo import CyclicFact
from .object_calls import Calls
from .object_frames import NOTHING, Closure, Frame, plain
from .object_tests import fixed, truth
from .object_values import folded
from .object_walks import Walk, walked
from .objects import OFF, ON, Instance, Items, Literal, Pending, Table, Thing, Value, Watch, off
from .relevance import class_matters, makers, relevant
from .values import annotated

_TURNS = 100
_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit"})


class Runs(Calls):
    """Runs statements in order: both branches of an `if`, loops over what is known turn by turn."""

    def stored(self, variable: Symbol) -> Value:
        """The value of a variable of a module or class that is not running."""
        try:
            return self.project[value, (self.watch, variable.path, variable.name)]
        except CyclicFact:
            return Unknown(f"`{variable.name}` is defined through itself")

    def body(self, frame: Frame, function: Function) -> Value:
        """Run the body of a function and give what it returns."""
        self.block(frame, function.body)
        if not frame.returns:
            return Literal(None)
        return self.merged(frame, frame.returns, function.at)

    def block(self, frame: Frame, statements: tuple[Node, ...]) -> str:
        """Run statements; says how the last one run leaves the function: `return`, `raise` or not at all."""
        for statement in statements:
            self.steps -= 1
            if self.steps < 0:
                return "return"
            if left := self.statement(frame, statement):
                return left
        return ""

    def statement(self, frame: Frame, node: Node) -> str:
        """Run one statement and say how it leaves the function."""
        if isinstance(node, tree.Expression):
            self.expression(frame, node.value)
            exits = isinstance(node.value, tree.Call) and getattr(node.value.func, "text", "") in _EXITS
            return "raise" if exits else ""
        if isinstance(node, tree.Assign):
            self.assign(frame, node)
        elif isinstance(node, tree.AugAssign):
            self.augment(frame, node)
        elif isinstance(node, tree.Return):
            self.leave(frame, node)
            return "return"
        elif isinstance(node, tree.Raise):
            return "raise"
        elif isinstance(node, tree.If):
            return self.branch(frame, node)
        elif isinstance(node, (tree.For, tree.While)):
            self.loop(frame, node)
        elif isinstance(node, tree.With):
            for context, target in node.items:
                entered = self.eval(frame, context)
                if target is not None:
                    self.bind(frame, target, entered if isinstance(entered, Thing) else NOTHING)
            return self.block(frame, node.body)
        elif isinstance(node, tree.Try):
            return self.attempt(frame, node)
        elif isinstance(node, tree.Match):
            self.eval(frame, node.subject)
            self.alternatives(frame, [case.body for case in node.cases], node.at)
        elif isinstance(node, tree.Def):
            self.define(frame, node)
        elif isinstance(node, tree.ClassDef):
            self.define_class(frame, node)
        elif isinstance(node, tree.Jump) and node.kind != "pass":
            return node.kind
        return ""

    def leave(self, frame: Frame, node: tree.Return) -> None:
        """`return value`; one that runs with other settings only does not count."""
        result = self.eval(frame, node.value) if node.value is not None else Literal(None)
        if off(self.conditions[frame.depth :]):
            self.escape(frame, result, node.at, "it is returned with other settings")
        else:
            frame.returns.append(result)

    def expression(self, frame: Frame, node: Node) -> None:
        """An expression as a statement; `names.append(x)` keeps a known list known."""
        if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and len(node.args) == 1:
            owner, _, name = node.func.text.rpartition(".")
            known = frame.env.get(owner)
            if isinstance(known, Items) and name in ("append", "extend"):
                added = self.eval(frame, node.args[0])
                items = Items((added,)) if name == "append" else added
                self.extend(frame, owner, known, items)
                return
        self.eval(frame, node)

    def extend(self, frame: Frame, name: str, known: Items, added: Value) -> None:
        """A list gets more items, if what is added is known and sure to be."""
        if isinstance(added, Items) and not self.conditions:
            frame.env[name] = Items((*known.items, *added.items))
        else:
            self.escape(frame, Items((known, added)), (0, 0, 0, 0), "it is in a list that is not known in full")
            frame.env[name] = Unknown("a list that is not known in full")

    def assign(self, frame: Frame, node: tree.Assign) -> None:
        """`targets = value`."""
        if node.value is None:
            return
        result = self.eval(frame, node.value)
        for target in node.targets:
            if isinstance(target, tree.Path) and "." in target.text:
                owner, _, name = target.text.rpartition(".")
                holder = self.path(frame, tree.Path(owner, target.at))
                if isinstance(holder, (Instance, Thing)):
                    self.heap.setdefault(holder, {})[name] = result
                    if isinstance(holder, Thing):
                        self.note(frame, "set", holder, node.at, name, (result,))
                else:
                    self.escape(frame, result, node.at, f"it is kept in `{target.text}`")
            elif isinstance(target, (tree.Subscript, tree.Attribute)):
                holder, name = self.eval(frame, target.value), getattr(target.value, "text", "")
                held = frame.env.get(name)
                if isinstance(target, tree.Subscript) and isinstance(held, Table) and holder is held:
                    frame.env[name] = Table.of((*held.items, (self.eval(frame, target.index), result)))
                else:
                    self.escape(frame, result, node.at, "it is kept in a container")
            else:
                self.bind(frame, target, result)

    def augment(self, frame: Frame, node: tree.AugAssign) -> None:
        """`name += more`."""
        added = self.eval(frame, node.value)
        name = node.target.text if isinstance(node.target, tree.Path) else ""
        known = frame.env.get(name)
        if isinstance(known, Items):
            self.extend(frame, name, known, added)
            return
        self.escape(frame, added, node.at, "it is kept in a container")
        if name:
            frame.env[name] = NOTHING

    def branch(self, frame: Frame, node: tree.If) -> str:
        """`if`: the branch that runs when the test cannot come out differently, else both."""
        known = truth(self, frame, node.test)
        if fixed(node.test) is not None:
            return self.block(frame, node.body if known else node.orelse)
        default = None if known is None else 0 if known else 1
        left = self.alternatives(frame, [node.body, node.orelse], node.at, default)
        if all(left):
            return min(left, key=lambda each: each != "return") if default is None else left[default]
        if not {"", "raise"}.issuperset(left):
            self.conditions = self.under(frame, node.at, _numbered(left.index(""), default))
        return ""

    def alternatives(
        self, frame: Frame, blocks: list[tuple[Node, ...]], at: At, default: int | None = None
    ) -> list[str]:
        """Blocks of which one runs, the default one if that is known: each is followed."""
        start, conditions = dict(frame.env), self.conditions
        ends: list[tuple[int, dict[str, Value]]] = []
        left = []
        for index, block in enumerate(blocks):
            frame.env, self.conditions = dict(start), self.under(frame, at, _numbered(index, default))
            left.append(self.block(frame, block))
            if not left[-1]:
                ends.append((index, frame.env))
            self.conditions = conditions
        ends.sort(key=lambda end: end[0] != default)
        frame.env = ends[0][1] if ends else dict(start)
        for _, other in ends[1:]:
            for name, found in other.items():
                mine = frame.env.get(name, found)
                if default is None:
                    frame.env[name] = self.either(frame, mine, found)
                elif name not in frame.env:
                    frame.env[name] = found
                elif mine is not found:
                    self.escape(frame, found, at, "it is used with other settings")
        return left

    def either(self, frame: Frame, one: Value, other: Value) -> Value:
        """The value of a name that two branches give."""
        if one is other or plain(one) == plain(other):
            return one
        values = [each for each in (one, other) if not isinstance(each, Unknown)]
        return self.merged(frame, [one, other], (0, 0, 0, 0)) if len(values) == 2 else NOTHING

    def loop(self, frame: Frame, node: tree.For | tree.While) -> None:
        """A loop: turn by turn over what is known, else once, uncertain."""
        items = self.iterated(self.eval(frame, node.iterable)) if isinstance(node, tree.For) else None
        conditions = self.conditions
        if isinstance(node, tree.For) and items is not None and len(items) <= _TURNS:
            context = frame.context
            for index, item in enumerate(items):
                frame.context = (*context, ("#", node.at[0], index))
                self.bind(frame, node.target, item)
                if self.block(frame, node.body) in ("break", "return", "raise"):
                    break
                self.conditions = conditions
            frame.context, self.conditions = context, conditions
            return

        def turn() -> None:
            if isinstance(node, tree.For):
                self.bind(frame, node.target, Unknown("an item of a loop"))
            self.block(frame, node.body)
            self.conditions = conditions

        if isinstance(node, tree.While) or not self.walked(frame, node.iterable, turn):
            self.conditions = self.under(frame, node.at, 0)
            turn()

    def walked(self, frame: Frame, iterable: Node, turn: Callable[[], None]) -> bool:
        """Take a turn for each module of a folder that a loop walks; False, with nothing done, for other loops."""
        deep = walked(self.project, frame, iterable)
        if deep is None:
            return False
        outer, context, env, before = self.walk, frame.context, dict(frame.env), len(self.happenings)
        number, count = 0, 1
        while number < min(count, _TURNS):
            self.walk = Walk(number, deep)
            frame.context = (*context, ("#", iterable.at[0], number))
            turn()
            number, count = number + 1, max(self.walk.count, count if number else 0)
        frame.context, self.walk = context, outer
        if not count:
            frame.env = env
            del self.happenings[before:]
        return count > 0

    def attempt(self, frame: Frame, node: tree.Try) -> str:
        """`try`: its body and `else` as if nothing was raised, handlers uncertain."""
        left = self.block(frame, node.body)
        conditions, env = self.conditions, dict(frame.env)
        for index, handler in enumerate(node.handlers):
            self.conditions = self.under(frame, handler.at, index)
            self.block(frame, handler.body)
            self.conditions = conditions
        frame.env = env
        left = left or self.block(frame, node.orelse)
        return self.block(frame, node.final) or left

    def define(self, frame: Frame, node: tree.Def) -> None:
        """A function definition: its decorators are applied, the innermost first."""
        module = self.project.module(frame.path)
        if module is None:
            return
        function = module.functions[node.ref]
        symbol = Symbol("function", frame.path, function.qualname)
        home = frame
        while home.parent is not None and home.qualname and class_facts(self.project, _class(home)):
            home = home.parent
        defined: Value = Closure(symbol, home) if home.qualname and function.parent else symbol
        makers_ = [self.eval(frame, each) for each in function.decorators]
        for maker, code in zip(reversed(makers_), reversed(function.decorators), strict=True):
            if isinstance(code, tree.Call) and getattr(code.func, "last", "") == "wraps":
                defined = maker  # It stands for what it wraps.
            elif isinstance(maker, Pending):
                self.decorated(maker, symbol, function)
            elif isinstance(maker, Closure) and isinstance(code, tree.Call):
                self.apply(frame, maker, (defined,), (), code.at)
        if function.name == function.qualname.rpartition(".")[2]:
            frame.env[function.name] = defined

    def decorated(self, maker: Pending, symbol: Symbol, function: Function | None) -> None:
        """A function or class gets what a method of a thing returned as its decorator."""
        facts = function or class_facts(self.project, symbol)
        at = facts.at if facts else None
        self.happenings.append(maker.happening._replace(kind="decorate", handler=symbol, handler_at=at))

    def define_class(self, frame: Frame, node: tree.ClassDef) -> None:
        """A class definition: its body runs, then decorators that a thing made are applied."""
        module = self.project.module(frame.path)
        if module is None:
            return
        cls = module.classes[node.ref]
        symbol = Symbol("class", frame.path, cls.qualname)
        if class_matters(module, cls, self.project[makers, self.watch]):
            inner = Frame(frame.path, cls.qualname, frame, frame.context)
            self.block(inner, node.body)
        for decorator in reversed(cls.decorators):
            maker = self.eval(frame, decorator)
            if isinstance(maker, Pending):
                self.decorated(maker, symbol, None)


def _class(frame: Frame) -> Symbol:
    return Symbol("class", frame.path, frame.qualname)


def _numbered(index: int, default: int | None) -> int:
    """The number of a branch, which says whether it is the one that runs by default."""
    return index if default is None else index + (ON if index == default else OFF)


def value(project: Project, key: tuple[Watch, str, str]) -> Value:
    """What a variable of a module or class (`Class.name`) holds, for `(watch, path, name)`."""
    watch, path, qualname = key
    owner, _, name = qualname.rpartition(".")
    module = project.module(path)
    if module is None:
        return Unknown("the file could not be read")
    cls = class_facts(project, Symbol("class", path, owner)) if owner else None
    named = [b for b in (cls.fields if cls else module.bindings) if b.name == name]
    bindings = [b for b in named if b.kind != "annotation"]
    found = [_held(project, watch, path, owner, binding) for binding in bindings if not _is_none(binding)]
    things = [each for each in found if isinstance(each, Thing)]
    if len(things) == 1 or (things and things == found and all(each.cls in watch.single for each in things)):
        return things[0]
    if all(_foldable(binding) for binding in bindings):
        known = folded(project, Symbol("variable", path, qualname))
        if not isinstance(known, Unknown):
            return known
    said = next((b.annotation for b in named if b.annotation_code), None)
    if len(found) > 1 and said is not None and all(isinstance(each, Instance) for each in found):
        typed = annotated(project, (path, owner), said)
        if isinstance(typed, Symbol) and typed.kind == "instance":
            return Instance(Symbol("class", typed.path, typed.name), (), (), (("", 0, 0),))
    if len(found) != 1 or (isinstance(found[0], Items) and _changed(project, path, name)):
        listed = bool(found) and isinstance(found[0], Items) and not owner
        why = Unknown(f"`{qualname}` is assigned more than once")
        return project[lists, (watch, path)].get(name, why) if listed else why
    return found[0]


def lists(project: Project, key: tuple[Watch, str]) -> dict[str, Value]:
    """The lists of a module as they are after all of its code has run, for `(watch, path)`."""
    watch, path = key
    function = function_facts(project, Symbol("function", path, ""))
    run = Runs(project, watch, project[relevant, watch])
    frame = run.modules[path] = Frame(path, "", None, ())
    if function is not None:
        run.body(frame, function)
    return {name: plain(held) for name, held in frame.env.items() if isinstance(held, Items)}


def _foldable(binding: Binding) -> bool:
    """Whether a value may be a constant: a field of settings, or an expression without calls, which were followed."""
    return binding.callee.rpartition(".")[2] == "Field" or next(tree.calls(binding.value), None) is None


def _is_none(binding: Binding) -> bool:
    return isinstance(binding.value, tree.Constant) and binding.value.value is None


def _held(project: Project, watch: Watch, path: str, owner: str, binding: Binding) -> Value:
    if binding.kind != "assign" or binding.value_code is None:
        return Unknown(f"`{binding.name}` is not simply assigned")
    run = Runs(project, watch, project[relevant, watch])
    found = plain(run.eval(Frame(path, owner, None, ()), binding.value))
    if isinstance(found, Unknown):
        typed = annotated(project, (path, owner), binding.annotation)
        if isinstance(typed, Symbol) and typed.kind == "instance":
            return Instance(Symbol("class", typed.path, typed.name), (), (), (("", 0, 0),))
        if isinstance(typed, Symbol) and typed.kind == "external" and not run.watched(typed):
            return typed
    return found


def _changed(project: Project, path: str, name: str) -> bool:
    """Whether the module itself changes a list after it is made."""
    module = project.module(path)
    changes = {f"{name}.{change}" for change in ("append", "extend", "insert", "remove", "pop", "update")}
    return module is not None and any(not changes.isdisjoint(function.calls) for function in module.functions)
