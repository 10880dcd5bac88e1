"""Whether a function can end without a value: by a bare `return`, or by running past its last statement."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from ..facts import tree
from ..facts.model import Function
from ..facts.tree import At, Node
from . import Project
from .answers import Symbol
from .calls import target
from .classes import function_facts
from .memo import CyclicFact
from .values import Scope, evaluate

Methods: TypeAlias = frozenset[str]

NONE: Methods = frozenset()
_STOPS = frozenset({"NoReturn", "Never"})
_ENDING = re.compile(
    r"abort|raise|fail|exit|error|die|deny|forbid|unauthori|not_found|reject|panic|quit|execv|throw|bad_request"
)
_SETTING_UP = ("register_", "add_", "append", "init_", "setup_", "set_up_", "install_", "configure_")
"""How the names of calls begin that say what shall happen on an error some day."""


class Ending(NamedTuple):
    """How a function can end without a value. `past` says that it runs past its end, `bare` where it returns nothing.

    `values` says whether it returns a value anywhere.
    """

    past: bool
    bare: tuple[At, ...]
    values: bool


def ending(project: Project, scope: Scope, function: Function, methods: Methods) -> Ending:
    """How a function can end; `methods` are those of the requests that it answers."""
    flow = _Flow(project, scope)
    past = flow.block(function.body, methods)
    return Ending(bool(past), tuple(flow.bare), flow.values)


class _Flow:
    """Follows statements with the methods of the requests for which they run; none when they cannot.

    Whatever may end a function in a way that is not seen counts as ending it.
    """

    def __init__(self, project: Project, scope: Scope) -> None:
        self.project = project
        self.scope = scope
        self.bare: list[At] = []
        self.values = False

    def block(self, statements: tuple[Node, ...], methods: Methods) -> Methods:
        """For which requests what comes after these statements can run."""
        for each in statements:
            if not methods:
                break
            methods = self.statement(each, methods)
        return methods

    def statement(self, node: Node, methods: Methods) -> Methods:
        """For which requests what comes after a statement can run."""
        if isinstance(node, tree.Return):
            self.returns(node)
            return NONE
        if isinstance(node, (tree.Raise, tree.Opaque)) or (isinstance(node, tree.Jump) and node.kind != "pass"):
            return NONE
        if isinstance(node, tree.Assert):
            return NONE if isinstance(node.test, tree.Constant) and not node.test.value else methods
        if isinstance(node, tree.Expression):
            return NONE if self.ends(node.value) else methods
        if isinstance(node, tree.If):
            return self.branch(node, methods)
        if isinstance(node, tree.While):
            self.block(node.body, methods)
            forever = isinstance(node.test, tree.Constant) and bool(node.test.value)
            return NONE if forever and not _breaks(node) else methods
        if isinstance(node, tree.For):
            again = self.block(node.body, methods)
            if not (again or node.orelse or _leaves(node)):
                # Whoever ends in every round takes it that there is one.
                return NONE
            return self.block(node.orelse, methods) if node.orelse and not _breaks(node) else methods
        if isinstance(node, tree.With):
            return self.block(node.body, methods)
        if isinstance(node, tree.Try):
            return self.attempt(node, methods)
        if isinstance(node, tree.Match):
            # Whether the patterns cover everything is not known.
            return frozenset().union(*[self.block(case.body, methods) for case in node.cases])
        return methods

    def returns(self, node: tree.Return) -> None:
        """Note a `return`."""
        if node.value is None or (isinstance(node.value, tree.Constant) and node.value.value is None):
            self.bare.append(node.at)
        else:
            self.values = True

    def attempt(self, node: tree.Try, methods: Methods) -> Methods:
        """A `try`: past it when its body, or a handler, and `finally` can be passed."""
        left = self.block(node.orelse, self.block(node.body, methods))
        for each in node.handlers:
            left |= self.block(each.body, methods)
        return left & self.block(node.final, methods)

    def branch(self, node: tree.If, methods: Methods) -> Methods:
        """An `if`: tests of the request's method are told apart, chains that compare one thing may be complete."""
        inside, rest = self.parted(node.test, methods)
        if inside == rest == methods and (chain := _complete(node)):
            return frozenset().union(*[self.block(each, methods) for each in chain])
        left = self.block(node.body, inside)
        return left | (self.block(node.orelse, rest) if node.orelse else rest)

    def parted(self, test: Node, methods: Methods) -> tuple[Methods, Methods]:
        """For which requests a test can hold, and for which it can fail."""
        chosen = _methods(test)
        if chosen is not None:
            inside = methods & chosen[0] if chosen[1] else methods - chosen[0]
            return inside, methods - inside
        if isinstance(test, tree.Boolean) and test.op == "and":
            inside, rest = methods, NONE
            for each in test.values:
                inside, failing = self.parted(each, inside)
                rest |= failing
            return inside, rest
        return methods, NONE if self.always(test) else methods

    def always(self, test: Node) -> bool:
        """Whether a test always holds: a constant, or a function that returns nothing but True."""
        if isinstance(test, tree.Constant):
            return bool(test.value)
        answer = evaluate(self.project, self.scope, test.func) if isinstance(test, tree.Call) else None
        called = target(self.project, answer) if isinstance(answer, Symbol) else None
        facts = function_facts(self.project, called) if called is not None else None
        values = [each.value for each in facts.every(tree.Return)] if facts else []
        return bool(values) and all(isinstance(each, tree.Constant) and each.value is True for each in values)

    def ends(self, node: Node) -> bool:
        """Whether a call never returns, or may never."""
        while isinstance(node, tree.Await):
            node = node.value
        if not isinstance(node, tree.Call):
            return False
        last = getattr(node.func, "last", "").lower()
        answer = evaluate(self.project, self.scope, node.func)
        function = target(self.project, answer)
        if function is not None:
            return self.project[never_returns, function]
        if isinstance(answer, Symbol) and answer.kind in ("external", "class"):
            logs = answer.name.startswith("logging.") or ".logger." in answer.name
            return _may_end(last) and not logs
        return _may_end(last) and not getattr(node.func, "text", "").startswith(("log", "current_app.log"))


def _may_end(name: str) -> bool:
    return _ENDING.search(name) is not None and not name.startswith(_SETTING_UP)


def never_returns(project: Project, function: Symbol) -> bool:
    """Whether a function of the repository says or shows that it never returns."""
    facts = function_facts(project, function)
    if facts is None or facts.is_generator:
        return False
    if getattr(facts.returns, "last", "") in _STOPS:
        return True
    try:
        found = ending(project, (function.path, function.name), facts, frozenset({"*"}))
    except (CyclicFact, RecursionError):
        return True
    return not found.past and not found.bare and not found.values


def _breaks(node: tree.For | tree.While) -> bool:
    return any(isinstance(each, tree.Jump) and each.kind == "break" for each in tree.walk(*node.body))


def _leaves(node: tree.For) -> bool:
    return any(isinstance(each, tree.Jump) and each.kind in ("break", "continue") for each in tree.walk(*node.body))


def _methods(test: Node) -> tuple[Methods, bool] | None:
    """The methods that a test asks for, and whether it holds for them; None when it asks for something else."""
    if not isinstance(test, tree.Compare) or len(test.ops) != 1 or len(test.terms) != 2:
        return None
    left, right = test.terms
    if not (isinstance(left, tree.Path) and left.text.endswith("request.method")):
        left, right = right, left
    if not (isinstance(left, tree.Path) and left.text.endswith("request.method")):
        return None
    items = right.items if isinstance(right, tree.Sequence) else (right,)
    if not all(isinstance(each, tree.Constant) and isinstance(each.value, str) for each in items):
        return None
    names = frozenset(each.value.upper() for each in items)
    return (names, test.ops[0] in ("==", "in")) if test.ops[0] in ("==", "!=", "in", "not in") else None


def _complete(node: tree.If) -> tuple[tuple[Node, ...], ...]:
    """The bodies of a chain of `elif` without `else` that compares one thing to values, which may be all there are."""
    subjects, bodies = set(), []
    while True:
        test = node.test
        plain = isinstance(test, tree.Compare) and len(test.terms) == 2 and isinstance(test.terms[0], tree.Path)
        subjects.add(test.terms[0].text if plain else None)
        bodies.append(node.body)
        if not node.orelse:
            return tuple(bodies) if len(bodies) > 1 and len(subjects) == 1 and None not in subjects else ()
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], tree.If):
            return ()
        node = node.orelse[0]
