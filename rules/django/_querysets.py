"""Functions followed statement by statement, to know of which model each queryset is and what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, functions_of
from cdlint.project.flow_tests import forget
from cdlint.project.memo import CyclicFact

from ._members import note_read, note_step
from ._querysets_calls import called
from ._querysets_events import Assigned, Place, Read, Trace, Use
from ._querysets_handed import fetched, texts
from ._querysets_names import parameter, path_value, step
from ._querysets_rounds import after, again, leaves, seldom
from ._querysets_tests import branch, choice, reached, told
from ._querysets_values import Conditions, Given, Items, Later, One, Rows, Value, join

_LIMIT = 4_000
_FAR = 3
"""How many relations a function may go up that calls itself: `self.parent.topics()`."""
_USERS = ("request.user", "info.context")


def trace(project: Project, place: Place) -> Trace:
    """Follow a function."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return _of_class(project, place)
    tracer = Tracer(project, place, function)
    tracer.block(function.body)
    seen = (tuple(tracer.uses), tuple(tracer.reads), tracer.result(), tuple(tracer.sets), tuple(tracer.assigned))
    noted = (tuple(tracer.own), tuple(tracer.handed), tuple(tracer.unmet), tuple(tracer.entered))
    return Trace(*seen, tuple(tracer.items.items()), *noted)


def _of_class(project: Project, place: Place) -> Trace:
    """Follow the queries that the body of a class begins with `Model.objects`."""
    module = project.module(place.path)
    facts = class_facts(project, Symbol("class", place.path, place.qualname))
    if module is None or facts is None:
        return Trace((), (), None, (), (), ())
    tracer = Tracer(project, Place(place.path, ""), module.main)
    for binding in facts.fields:
        if binding.callee.startswith("?.") or ".objects." in binding.callee:
            tracer.value(binding.value)
    return Trace(tuple(tracer.uses), (), None, (), (), ())


def forced(project: Project, value: Value, depth: int = 6) -> Value:
    """A value, as the function that makes it returns it."""
    while isinstance(value, Later) and depth > 0:
        place = Place(value.function.path, value.function.name, value.given)
        if any(isinstance(each, One) and each.within.count("__") > _FAR for _, each in value.given):
            return None
        try:
            value = project[trace, place].returned
        except CyclicFact:
            return None
        depth -= 1
        # Where it begins is a place of the other function.
        value = value._replace(origin=None) if isinstance(value, Rows) else value
    return None if isinstance(value, Later) else value


class Tracer:
    """Follows the statements of one function."""

    def __init__(self, project: Project, place: Place, function: Function) -> None:
        self.project = project
        self.place = place
        self.function = function
        self.env: dict[str, Value] = {}
        self.uses: list[Use] = []
        self.reads: list[Read] = []
        self.returned: list[Value] = []
        self.sets: list[tuple[One, str, At]] = []
        self.items: dict[str, Value] = {}
        self.assigned: list[Assigned] = []
        self.own: list[tuple[At, Symbol]] = []
        self.handed: list[tuple[At, Value]] = []
        self.unmet: list[tuple[Rows, str, At]] = []
        self.entered: list[tuple[At, Later]] = []
        self.guarded = 0
        self.fresh = False
        """Whether some instance was made that may not be saved."""
        self.budget = _LIMIT
        self.known = told(place.given)
        given = {name: value for name, value in place.given if not isinstance(value, Given)}
        for index, param in enumerate(function.params):
            name = "self" if index == 0 and function.owner and param.name not in given else param.name
            if name in given:
                self.env[param.name] = given[name]
            else:
                self.env[param.name] = parameter(project, place.path, function, index)

    def result(self) -> Value:
        """What the function returns."""
        if not self.returned or self.function.is_generator:
            return None
        value = self.returned[0]
        for other in self.returned[1:]:
            value = self.joined(value, other)
        return value

    def forced(self, value: Value) -> Value:
        """A value, as the function that makes it returns it."""
        return forced(self.project, value) if isinstance(value, Later) else value

    def joined(self, left: Value, right: Value) -> Value:
        """What a name may be that two ways through the function give values."""
        return left if left is right or left == right else join(self.forced(left), self.forced(right))

    # Statements

    def block(self, body: Iterable[Node]) -> bool:
        """Follow statements; True when they end by leaving the function or the loop."""
        for node in body:
            self.budget -= 1
            if self.budget < 0:
                return True
            if self.statement(node):
                return True
        return False

    def statement(self, node: Node) -> bool:
        """Follow one statement."""
        if isinstance(node, tree.Expression):
            self.value(node.value)
        elif isinstance(node, tree.Assign):
            if node.value is not None:
                value = self.value(node.value)
                for target in node.targets:
                    self.assign(target, value)
        elif isinstance(node, tree.AugAssign):
            self.augment(node)
        elif isinstance(node, tree.Return):
            self.returned.append(self.value(node.value) if node.value is not None else None)
            return True
        elif isinstance(node, tree.If):
            return branch(self, node)
        elif isinstance(node, tree.For):
            self.loop(node)
        elif isinstance(node, (tree.Raise, tree.Jump)):
            for child in tree.children(node):
                self.value(child)
            return not (isinstance(node, tree.Jump) and node.kind == "pass")
        else:
            return self.compound(node)
        return False

    def compound(self, node: Node) -> bool:
        """Follow a statement that holds others."""
        if isinstance(node, tree.With):
            for context, target in node.items:
                value = self.value(context)
                if target is not None:
                    self.assign(target, value if isinstance(value, (Rows, One)) else None)
            return self.block(node.body)
        if isinstance(node, tree.Try):
            return self.attempt(node)
        if isinstance(node, tree.While):
            self.value(node.test)
            self.branches([node.body, ()])
        elif isinstance(node, tree.Match):
            self.value(node.subject)
            return self.branches([*[case.body for case in node.cases], ()])
        elif isinstance(node, (tree.Assert, tree.Delete)):
            for child in tree.children(node):
                self.value(child)
        return False

    def branches(self, bodies: list[tuple[Node, ...]], rare: Sequence[tuple[Node, ...]] = ()) -> bool:
        """Follow each body from the same start, some of which are taken rarely; True when all of them leave."""
        before = self.env
        ends: list[dict[str, Value]] = []
        for body in bodies:
            self.env = seldom(before, body, rare)
            if not self.block(body):
                ends.append(again(self.env, before))
        if not ends:
            self.env = before
            return bool(bodies)
        merged = ends[0]
        for other in ends[1:]:
            for name, value in other.items():
                merged[name] = self.joined(merged.get(name, value), value)
        self.env = merged
        return False

    def attempt(self, node: tree.Try) -> bool:
        """Follow a `try`."""
        self.guarded += bool(node.handlers)
        ended = self.block(node.body)
        self.guarded -= bool(node.handlers)
        rest: list[tuple[Node, ...]] = [] if ended else [node.orelse]
        handlers = [handler.body for handler in node.handlers]
        left = self.branches([*rest, *handlers], handlers)
        return self.block(node.final) or left

    def loop(self, node: tree.For) -> None:
        """Follow a loop once."""
        item = self.item(node.iterable)
        if isinstance(item, One) and any(leaves(each) for each in node.body):
            item = item._replace(loop="")
        before = dict(self.env)
        self.assign(node.target, item)
        self.block(node.body)
        self.env = after(self, node, before)
        self.block(node.orelse)

    def item(self, iterable: Node) -> Value:
        """A row of what is looped over."""
        value = self.forced(self.value(iterable))
        if isinstance(value, Items):
            return value.item
        if isinstance(value, Rows) and not value.form:
            return value.row("" if value.small else "row")
        return None

    def assign(self, target: Node, value: Value) -> None:
        """Give a name a value."""
        self.known = forget(self.known, target)
        if isinstance(target, tree.Path):
            owner, _, name = target.text.rpartition(".")
            held = self.env.get(owner)
            if isinstance(held, One):
                self.assigned.append(Assigned(held, name, value, "", target.at))
                fetched(self, tree.Path(owner, target.at), frozenset([name]))
            self.env[target.text] = value
            if "." not in target.text:
                for name in [each for each in self.env if each.startswith(target.text + ".")]:
                    del self.env[name]
        elif isinstance(target, tree.Sequence):
            for index, each in enumerate(target.items):
                self.assign(each, value.item if isinstance(value, Items) and index == 0 else None)
        elif isinstance(target, tree.Starred):
            self.assign(target.value, None)
        elif isinstance(target, tree.Subscript):
            self.value(target.value)
            key = target.index.value if isinstance(target.index, tree.Constant) else None
            if isinstance(key, str):
                self.put(key, value)
            known = self.env.get(target.value.text) if isinstance(target.value, tree.Path) else None
            if isinstance(known, Conditions) and isinstance(key, str):
                self.env[target.value.text] = known._replace(paths=(*known.paths, (key, target.index.at)))

    def put(self, key: str, value: Value) -> None:
        """Note what a dictionary is given; only rows and instances matter."""
        if isinstance(value, (Rows, One, Later, Items)):
            self.items[key] = self.joined(self.items[key], value) if key in self.items else value

    def augment(self, node: tree.AugAssign) -> None:
        """`q |= Q(...)`, `rows = rows | others`."""
        value = self.value(node.value)
        if isinstance(node.target, tree.Path):
            self.env[node.target.text] = self.joined(self.env.get(node.target.text), value)

    # Expressions

    def value(self, node: Node) -> Value:
        """What an expression is; everything in it is followed exactly once."""
        if isinstance(node, tree.Path):
            return self.path(node)
        if isinstance(node, tree.Call):
            return called(self, node)
        if node is None or isinstance(node, tree.Constant):
            return None
        if isinstance(node, tree.Attribute):
            inner = self.forced(self.value(node.value))
            if isinstance(inner, One) and inner.loop:
                self.reads.append(Read(inner, node.text, node.at, False))
            for name in node.text.split("."):
                note_step(self, inner, name, node.at)
                inner = step(self.project, inner, name)
            return inner
        if isinstance(node, tree.Subscript):
            return self.item_of(node)
        if isinstance(node, tree.Comprehension):
            return self.comprehension(node)
        if isinstance(node, (tree.Binary, tree.Boolean)):
            parts = node.terms if isinstance(node, tree.Binary) else reached(self, node)
            return self.combined(node, [self.value(each) for each in parts])
        if isinstance(node, tree.Mapping):
            return self.mapping(node)
        if isinstance(node, (tree.Await, tree.Starred)):
            return self.value(node.value)
        return self.other(node)

    def other(self, node: Node) -> Value:
        """The rarer expressions."""
        if isinstance(node, tree.Conditional):
            return choice(self, node)
        if isinstance(node, tree.Walrus):
            value = self.value(node.value)
            self.env[node.name] = value
            return value
        if isinstance(node, tree.Unary):
            value = self.value(node.value)
            return value if isinstance(value, Conditions) else None
        if isinstance(node, tree.Lambda):
            outer = self.env
            self.env = {**outer, **dict.fromkeys(node.params)}
            self.value(node.body)
            self.env = outer
        elif isinstance(node, tree.FString):
            texts(self, node)
        elif not isinstance(node, tree.Opaque):
            for child in tree.children(node):
                self.value(child)
        return None

    def path(self, node: tree.Path) -> Value:
        """What a dotted name is."""
        text = node.text
        if text in self.env:
            return self.env[text]
        root, _, rest = text.partition(".")
        held = self.env.get(root)
        if held is None and root in self.env and not text.startswith(_USERS):
            return None
        if rest and isinstance(held, One) and held.loop:
            self.read(held, node, False)
        return self.named(text, node.at)

    def read(self, row: One, node: tree.Path, called: bool) -> None:
        """Note that attributes of a row are read, unless they were just assigned."""
        parts = node.text.split(".")
        if not any(".".join(parts[:length]) in self.env for length in range(2, len(parts) + 1)):
            self.reads.append(Read(row, node.text.partition(".")[2], node.at, called))

    def named(self, text: str, at: At) -> Value:
        """What a dotted name that stands at a place is."""
        value = path_value(self.project, self.place.path, self.function, self.env, text)
        held = self.env.get(text.partition(".")[0])
        if value is None and (isinstance(held, One) or "_set" in text):
            note_read(self, text, at)
        return value

    def item_of(self, node: tree.Subscript) -> Value:
        """`rows[0]`, `rows[:5]`."""
        value = self.forced(self.value(node.value))
        self.value(node.index)
        if not isinstance(value, Rows):
            return None
        if not isinstance(node.index, tree.Slice):
            return None if value.form else value.row()
        if node.index.step is not None:
            return None
        end = node.index.upper
        small = isinstance(end, tree.Constant) and isinstance(end.value, int) and end.value <= 10
        return value._replace(cut=True, small=small or value.small)

    def comprehension(self, node: tree.Comprehension) -> Value:
        """A comprehension: a collection of what its element is."""
        outer = self.env
        self.env = dict(outer)
        for generator in node.generators:
            self.assign(generator.target, self.item(generator.iterable))
            for condition in generator.conditions:
                self.value(condition)
        element = self.value(node.element)
        self.value(node.value)
        self.env = outer
        return Items(element) if isinstance(element, One) and node.kind in ("list", "set") else None

    def combined(self, node: Node, values: list[Value]) -> Value:
        """`Q(...) | Q(...)`, `rows | others`, `rows or others`."""
        known = [each for each in values if each is not None]
        if isinstance(node, tree.Boolean):
            return known[0] if node.op == "or" and len(known) == 1 and isinstance(known[0], Rows) else None
        if node.op not in ("|", "&", "^") or len(known) != len(values):
            return None
        made = self.forced(known[0])
        for each in known[1:]:
            made = join(made, self.forced(each))
        return made

    def mapping(self, node: tree.Mapping) -> Value:
        """A dictionary: the conditions that it may stand for."""
        paths, is_open = [], False
        for key, value in node.items:
            held = self.value(value)
            if isinstance(key, tree.Constant) and isinstance(key.value, str):
                self.put(key.value, held)
                paths.append((key.value, key.at))
            else:
                self.value(key)
                is_open = True
        return Conditions(tuple(paths), is_open)


__all__ = ["Assigned", "Place", "Read", "Trace", "Tracer", "Use", "forced", "trace"]
