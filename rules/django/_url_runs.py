"""Statements of URLconfs, followed in order: helpers, loops, branches and other modules included."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import function_facts
from cdlint.project.modules import find_module
from cdlint.project.names import lookup
from cdlint.rule import Location

from ._url_calls import DEPTH, Calls
from ._url_values import Attribute, Closure, Either, Frame, Item, Keywords, Listing, Made, Table, Value, either, truth

_TURNS = 300
_ADDING = frozenset({"append", "extend", "insert"})


def _grown(path: str, env: dict[str, Value], function: Function) -> None:
    """Note the lists of a module that a function of it adds to, whoever calls the function."""
    for call in function.calls:
        name, _, method = call.rpartition(".")
        held = env.get(name) if method in _ADDING and name not in function.binds else None
        if isinstance(held, Listing):
            held.doubts.append((Location(path, function.at), f"`{function.name}` adds to `{name}`"))


class Runs(Calls):
    """Runs modules and functions as far as URL patterns need it."""

    def __init__(self, project: Project, settings: str) -> None:
        super().__init__(project, settings)
        self.spaces: dict[str, dict[str, Value]] = {}

    # Modules and functions

    def module(self, path: str) -> dict[str, Value]:
        """The names of a module after it has run, or as far as it has."""
        found = self.spaces.get(path)
        if found is None:
            facts = self.project.module(path)
            frame = Frame(path, "", None, True)
            found = self.spaces[path] = frame.env
            if facts is not None:
                self.block(frame, facts.main.body)
                for function in facts.functions:
                    if function.qualname:
                        _grown(path, found, function)
        return found

    def invoke(self, frame: Frame, function: Symbol, args: tuple[Value, ...]) -> Value:
        """Run a function of the repository."""
        return self.run(frame, function, args, (), None)

    def run(
        self, frame: Frame, function: Symbol, args: tuple[Value, ...], keywords: Keywords, around: Frame | None
    ) -> Value:
        """What a function of the repository returns for these arguments."""
        facts = function_facts(self.project, function)
        if facts is None or self.nesting >= DEPTH or self.steps < 0:
            return Unknown(f"the result of `{function.last}`")
        inner = Frame(function.path, function.name, around, frame.certain)
        self.parameters(inner, facts, args, keywords)
        self.nesting += 1
        self.block(inner, facts.body)
        self.nesting -= 1
        if facts.is_generator:
            return inner.yields
        return either(inner.returns) if inner.returns else None

    def parameters(self, frame: Frame, function: Function, args: tuple[Value, ...], keywords: Keywords) -> None:
        """Give the parameters their values."""
        given = dict(keywords)
        home = Frame(frame.path, "", None, True)
        position = 0
        for param in function.params:
            if param.kind == "*":
                frame.env[param.name] = Listing("tuple", [Item(value, True) for value in args[position:]])
            elif param.kind == "**":
                table = Table()
                table.items = {key: Item(value, True) for key, value in given.items()}
                frame.env[param.name] = table
            elif param.kind != "keyword" and position < len(args):
                frame.env[param.name] = args[position]
                position += 1
            elif param.name in given:
                frame.env[param.name] = given.pop(param.name)
            elif param.default_code is not None:
                frame.env[param.name] = self.eval(home, param.default)
            else:
                frame.env[param.name] = Unknown(f"parameter `{param.name}`")

    # Statements

    def block(self, frame: Frame, statements: tuple[Node, ...]) -> bool:
        """Run statements; True when the last one run leaves the function."""
        for node in statements:
            self.steps -= 1
            if self.steps < 0 or self.statement(frame, node):
                return True
        return False

    def statement(self, frame: Frame, node: Node) -> bool:
        """Run one statement."""
        if isinstance(node, tree.Expression):
            self.expression(frame, node.value)
        elif isinstance(node, tree.Assign):
            if node.value is not None:
                value = self.eval(frame, node.value)
                for target in node.targets:
                    self.bind(frame, target, value)
        elif isinstance(node, tree.AugAssign):
            self.augment(frame, node)
        elif isinstance(node, tree.Return):
            frame.returns.append(self.eval(frame, node.value) if node.value is not None else None)
            return True
        elif isinstance(node, (tree.Raise, tree.Jump)):
            return isinstance(node, tree.Raise) or node.kind != "pass"
        elif isinstance(node, tree.If):
            return self.branch(frame, node)
        elif isinstance(node, tree.For):
            self.loop(frame, node)
        else:
            return self.compound(frame, node)
        return False

    def compound(self, frame: Frame, node: Node) -> bool:
        """The less usual statements."""
        if isinstance(node, tree.With):
            return self.block(frame, node.body)
        if isinstance(node, tree.Try):
            return self.attempt(frame, node)
        if isinstance(node, tree.While):
            self.doubtful(frame, node.body)
        elif isinstance(node, tree.Match):
            for case in node.cases:
                self.doubtful(frame, case.body)
        elif isinstance(node, tree.Def):
            self.define(frame, node)
        elif isinstance(node, tree.ClassDef):
            facts = self.project.module(frame.path)
            if facts is not None and frame.qualname:
                frame.env[facts.classes[node.ref].name] = Symbol("class", frame.path, facts.classes[node.ref].qualname)
        elif isinstance(node, tree.ImportStatement):
            self.imports(frame, node)
        elif isinstance(node, tree.Delete):
            for target in node.targets:
                frame.env.pop(getattr(target, "text", ""), None)
        return False

    def doubtful(self, frame: Frame, statements: tuple[Node, ...]) -> bool:
        """Run statements that may not run."""
        certain, frame.certain = frame.certain, False
        left = self.block(frame, statements)
        frame.certain = certain
        return left

    def attempt(self, frame: Frame, node: tree.Try) -> bool:
        """`try`: its body as if nothing was raised; handlers only for what the body leaves unbound."""
        left = self.block(frame, node.body)
        env = dict(frame.env)
        for handler in node.handlers:
            self.doubtful(frame, handler.body)
        frame.env.update(env)
        return (left or self.block(frame, node.orelse)) or self.block(frame, node.final)

    def branch(self, frame: Frame, node: tree.If) -> bool:
        """`if`: the branch that runs when the test is known, else both, uncertain."""
        known = False if getattr(node.test, "last", "") == "TYPE_CHECKING" else truth(self.eval(frame, node.test))
        if known is not None:
            return self.block(frame, node.body if known else node.orelse)
        before = dict(frame.env)
        first = self.doubtful(frame, node.body)
        middle = dict(frame.env)
        frame.env.clear()
        frame.env.update(before)
        second = self.doubtful(frame, node.orelse)
        if not first:
            for name, value in middle.items():
                other = frame.env.get(name, value)
                frame.env[name] = value if other is value or second else either([value, other])
        return first and second

    def loop(self, frame: Frame, node: tree.For) -> None:
        """A loop, turn by turn over what is known, else once and uncertain."""
        known = self.iterated(self.eval(frame, node.iterable))
        if known is None or len(known.items) > _TURNS:
            self.bind(frame, node.target, Unknown("an item of a loop over something that is not known"))
            self.doubtful(frame, node.body)
            return
        certain = frame.certain
        for item in list(known.items):
            frame.certain = certain and item.certain
            self.bind(frame, node.target, item.value)
            self.block(frame, node.body)
        frame.certain = certain
        if known.doubts:
            self.bind(frame, node.target, Unknown(known.doubts[0][1]))
            self.doubtful(frame, node.body)

    def define(self, frame: Frame, node: tree.Def) -> None:
        """A function definition inside a function."""
        facts = self.project.module(frame.path)
        if facts is not None and frame.qualname:
            function = facts.functions[node.ref]
            frame.env[function.name] = Closure(Symbol("function", frame.path, function.qualname), frame)

    def imports(self, frame: Frame, node: tree.ImportStatement) -> None:
        """A star import brings the names that a URLconf has built up; other imports are looked up when used."""
        facts = self.project.module(frame.path)
        for index in node.indexes if facts is not None and not frame.qualname else ():
            line = facts.imports[index] if facts else None
            if line is not None and line.name == "*":
                found = self.project[find_module, (frame.path, line.module)]
                if isinstance(found, Symbol) and found.path.endswith(".py") and found.path != frame.path:
                    names = self.module(found.path).items()
                    frame.env.update((name, value) for name, value in names if not name.startswith("_"))
            elif line is not None:
                frame.env.pop(line.alias, None)

    def augment(self, frame: Frame, node: tree.AugAssign) -> None:
        """`name += more`."""
        added = self.eval(frame, node.value)
        old = self.old(frame, node.target)
        at = Location(frame.path, node.value.at)
        if isinstance(old, Listing):
            self.extend(frame, old, added, at, frame.certain)
            self.bind(frame, node.target, old)
        elif isinstance(old, str) and isinstance(added, str):
            self.bind(frame, node.target, old + added)
        elif isinstance(added, Listing) or isinstance(old, (Made, Attribute, Either)):
            made = Listing("list")
            self.extend(frame, made, old, at, True)
            self.extend(frame, made, added, at, frame.certain)
            self.bind(frame, node.target, made)

    def old(self, frame: Frame, target: Node) -> Value:
        """What a name holds before it is changed in place; it may have been imported under that name."""
        name = getattr(target, "text", "")
        facts = self.project.module(frame.path)
        if name in frame.env or frame.qualname or facts is None:
            return self.eval(frame, target)
        for line in facts.imports:
            found = self.project[find_module, (frame.path, line.module)] if line.alias == name else None
            if isinstance(found, Symbol) and found.kind == "module" and line.name is not None:
                return self.meant(self.project[lookup, (found.path, line.name)])
        return self.eval(frame, target)

    def expression(self, frame: Frame, node: Node) -> None:
        """An expression as a statement."""
        if isinstance(node, tree.Yield):
            value = self.eval(frame, node.value)
            if node.delegated:
                self.extend(frame, frame.yields, value, Location(frame.path, node.at), frame.certain)
            else:
                frame.yields.add(value, frame.certain)
        elif isinstance(node, tree.Call):
            self.call(frame, node)
