"""Walk the paths through a function, with what a client knows on each of them.

The client has states: any immutable values with `==`. It gives a function that says how a step changes
a state, and maybe one that joins two states when too many paths meet:

    def step(state, step):                      # which names hold an opened file?
        if step.kind == "assign" and is_open(step.value):
            return state | {step.target.text}
        return state                            # None: the path ends here (`sys.exit()`)

    walk(function.body, frozenset(), step).returns      # the states at every `return`

The walk knows Python's statements only: branches, loops (no, one and two rounds), `with`, `match`, `try`
(each statement of its body may raise), early ends, and tests on one path that cannot both hold. Expressions
are the client's; `order` yields the parts of one as they are evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from ..facts import tree
from ..facts.tree import At, Node
from .flow_tests import NOTHING, Known, assume, constant, either, forget

S = TypeVar("S")
PATHS = 12
"""How many different states are followed side by side."""
STEPS = 6_000
"""How many steps a walk takes before it gives up."""


class Step(NamedTuple):
    """One thing that happens on a path.

    `kind`: `evaluate` (`value`, for itself or as a test), `assume` (the test `value` came out as `truth`),
    `assign` (`target = value`; None for what cannot be told), `augment`, `item` (`target` is one of `value`),
    `enter` and `leave` (a `with` of `value` as `target`), `catch` (`node` is the handler), `return` and
    `raise` (of `value`), `delete` (`target`), `define` (a function, class or import).
    """

    kind: str
    node: Node
    value: Node | None = None
    target: Node | None = None
    truth: bool = True
    loops: int = 0
    """How many loops of the function are around."""


class Limit(NamedTuple):
    """Where a walk stopped following all paths, and why."""

    at: At
    why: str


class Outcome(NamedTuple, Generic[S]):
    """The states in which a body is left. `complete` is False when there were more paths than were followed."""

    ends: tuple[S, ...]
    """By reaching its end."""
    returns: tuple[S, ...]
    raises: tuple[S, ...]
    complete: bool
    limit: Limit | None = None
    """The first place where paths were dropped, when not `complete`."""


class _Live(NamedTuple):
    state: Any
    known: Known


def _put(found: list[_Live], live: _Live) -> None:
    """Put a path among others. Two in one state that differ in how a single test came out go on as one."""
    for place, other in enumerate(found):
        if other.state is live.state or other.state == live.state:
            known = either(other.known, live.known)
            if known is not None:
                del found[place]
                return _put(found, _Live(other.state, known))
    found.append(live)


class _Exits:
    """Where paths leave the block that is walked."""

    def __init__(self) -> None:
        self.by: dict[str, list[_Live]] = {"return": [], "raise": [], "break": [], "continue": []}

    def through(self, change: Callable[[list[_Live]], list[_Live]], outer: _Exits) -> None:
        """Hand all on to the block around, changed."""
        for kind, lives in self.by.items():
            if lives:
                outer.by[kind].extend(change(lives))


def walk(
    body: Iterable[Node],
    start: S,
    step: Callable[[S, Step], S | None],
    join: Callable[[S, S], S] | None = None,
    paths: int = PATHS,
) -> Outcome[S]:
    """Follow all paths from the start of a body. Without `join`, paths beyond the bound are dropped."""
    walker = _Walk(step, join, paths)
    exits = _Exits()
    ends = walker.block([_Live(start, NOTHING)], tuple(body), exits)
    ended, returned, raised = (
        _distinct(live.state for live in lives) for lives in (ends, exits.by["return"], exits.by["raise"])
    )
    return Outcome(ended, returned, raised, walker.limit is None, walker.limit)


def _distinct(states: Iterable[Any]) -> tuple[Any, ...]:
    found: list[Any] = []
    for state in states:
        if state not in found:
            found.append(state)
    return tuple(found)


class _Walk:
    def __init__(self, step: Callable[[Any, Step], Any], join: Callable[[Any, Any], Any] | None, paths: int) -> None:
        self.step, self.join, self.paths = step, join, paths
        self.left, self.loops = STEPS, 0
        self.at: At = (0, 0, 0, 0)
        self.limit: Limit | None = None
        self.raising: list[list[_Live]] = []

    # Lists of live paths

    def take(self, lives: list[_Live], step: Step) -> list[_Live]:
        """Every path after one step."""
        found = []
        if self.loops:
            step = step._replace(loops=self.loops)
        for live in lives:
            if self.left <= 0:
                self.stop(step.node.at, f"it takes more than {STEPS} steps to follow")
                return []
            self.left -= 1
            state = self.step(live.state, step)
            if state is not None:
                known = forget(live.known, step.target) if step.target is not None else live.known
                found.append(_Live(state, known))
        return found

    def stop(self, at: At, why: str) -> None:
        """Note where the first paths were dropped."""
        if self.limit is None:
            self.limit = Limit(at, why)

    def evaluate(self, lives: list[_Live], value: Node | None) -> list[_Live]:
        return lives if value is None else self.take(lives, Step("evaluate", value, value))

    def test(self, lives: list[_Live], test: Node, truth: bool) -> list[_Live]:
        """The paths on which a test comes out so."""
        fixed = constant(test)
        if fixed is not None:
            return lives if fixed == truth else []
        going = []
        for live in lives:
            known = assume(live.known, test, truth)
            if known is not None:
                going.append(_Live(live.state, known))
        return self.take(going, Step("assume", test, test, truth=truth))

    def trim(self, lives: list[_Live]) -> list[_Live]:
        """The paths without repetition, joined or cut when they are too many."""
        found: list[_Live] = []
        for live in lives:
            _put(found, live)
        if len(found) <= self.paths:
            return found
        if self.join is None:
            self.stop(self.at, f"more than {self.paths} different ways lead through it")
            return found[: self.paths]
        state, known = found[0]
        for live in found[1:]:
            state, known = self.join(state, live.state), known & live.known
        return [_Live(state, known)]

    # Statements

    def block(self, lives: list[_Live], body: tuple[Node, ...], exits: _Exits) -> list[_Live]:
        for statement in body:
            if not lives:
                return []
            for caught in self.raising[-1:]:
                caught.extend(lives)
            self.at = statement.at
            special = _STATEMENTS.get(type(statement))
            lives = special(self, lives, statement, exits) if special else self.evaluate(lives, statement)
            lives = self.trim(lives)
        return lives

    def expression(self, lives: list[_Live], node: tree.Expression, exits: _Exits) -> list[_Live]:
        return self.evaluate(lives, node.value)

    def assign(self, lives: list[_Live], node: tree.Assign, exits: _Exits) -> list[_Live]:
        if node.value is None:
            return lives
        for target in node.targets:
            lives = self.take(lives, Step("assign", node, node.value, target))
        return lives

    def augment(self, lives: list[_Live], node: tree.AugAssign, exits: _Exits) -> list[_Live]:
        return self.take(lives, Step("augment", node, node.value, node.target))

    def delete(self, lives: list[_Live], node: tree.Delete, exits: _Exits) -> list[_Live]:
        for target in node.targets:
            lives = self.take(lives, Step("delete", node, None, target))
        return lives

    def leave(self, lives: list[_Live], node: Node, exits: _Exits) -> list[_Live]:
        kind = "return" if isinstance(node, tree.Return) else "raise"
        value = node.value if isinstance(node, tree.Return) else node.error
        exits.by[kind].extend(self.take(lives, Step(kind, node, value)))
        return []

    def jump(self, lives: list[_Live], node: tree.Jump, exits: _Exits) -> list[_Live]:
        if node.kind == "pass":
            return lives
        exits.by[node.kind].extend(lives)
        return []

    def assertion(self, lives: list[_Live], node: tree.Assert, exits: _Exits) -> list[_Live]:
        return self.test(self.evaluate(lives, node.test), node.test, True)

    def branch(self, lives: list[_Live], node: tree.If, exits: _Exits) -> list[_Live]:
        lives = self.evaluate(lives, node.test)
        yes = self.block(self.test(lives, node.test, True), node.body, exits)
        return yes + self.block(self.test(lives, node.test, False), node.orelse, exits)

    def match(self, lives: list[_Live], node: tree.Match, exits: _Exits) -> list[_Live]:
        lives = self.evaluate(lives, node.subject)
        found: list[_Live] = []
        for case in node.cases:
            found += self.block(self.evaluate(lives, case.guard), case.body, exits)
        last = node.cases[-1] if node.cases else None
        return found if last is not None and not last.values and last.guard is None else found + lives

    def define(self, lives: list[_Live], node: Node, exits: _Exits) -> list[_Live]:
        return self.take(lives, Step("define", node))

    # Loops

    def for_loop(self, lives: list[_Live], node: tree.For, exits: _Exits) -> list[_Live]:
        lives = self.evaluate(lives, node.iterable)

        def enter(entering: list[_Live]) -> list[_Live]:
            return self.take(entering, Step("item", node, node.iterable, node.target))

        return self.rounds(lives, node, exits, enter, lambda leaving: leaving)

    def while_loop(self, lives: list[_Live], node: tree.While, exits: _Exits) -> list[_Live]:
        def enter(entering: list[_Live]) -> list[_Live]:
            return self.test(self.evaluate(entering, node.test), node.test, True)

        def leave(leaving: list[_Live]) -> list[_Live]:
            return self.test(leaving, node.test, False)

        return self.rounds(lives, node, exits, enter, leave)

    def rounds(
        self,
        lives: list[_Live],
        node: tree.For | tree.While,
        exits: _Exits,
        enter: Callable[[list[_Live]], list[_Live]],
        leave: Callable[[list[_Live]], list[_Live]],
    ) -> list[_Live]:
        """No round, one, and a second one that sees what the first did."""
        inner = _Exits()
        seen, current = list(lives), lives
        self.loops += 1
        for _ in range(2):
            current = self.block(enter(current), node.body, inner) + inner.by["continue"]
            inner.by["continue"] = []
            current = self.trim([live for live in current if live not in seen])
            if not current:
                break
            seen += current
        self.loops -= 1
        broken, inner.by["break"] = inner.by["break"], []
        inner.through(lambda each: each, exits)
        return self.block(leave(self.trim(seen)), node.orelse, exits) + broken

    # Blocks that something happens after

    def with_block(self, lives: list[_Live], node: tree.With, exits: _Exits) -> list[_Live]:
        for context, target in node.items:
            lives = self.take(lives, Step("enter", node, context, target))
        inner = _Exits()
        lives = self.block(lives, node.body, inner)
        if any(isinstance(c, tree.Call) and getattr(c.func, "last", "") == "suppress" for c, _ in node.items):
            lives += inner.by["raise"]

        def left(leaving: list[_Live]) -> list[_Live]:
            for context, target in reversed(node.items):
                known = [live.known for live in leaving]
                after = self.take(leaving, Step("leave", node, context, target))
                leaving = [_Live(a.state, k) for a, k in zip(after, known, strict=False)]
            return leaving

        inner.through(left, exits)
        return left(lives)

    def try_block(self, lives: list[_Live], node: tree.Try, exits: _Exits) -> list[_Live]:
        inner = _Exits()
        self.raising.append([])
        lives = self.block(lives, node.body, inner)
        caught = self.raising.pop() + inner.by["raise"]
        for outer in self.raising[-1:]:
            outer.extend(caught)
        if node.handlers:
            inner.by["raise"] = []
        lives = self.block(lives, node.orelse, inner)
        for handler in node.handlers:
            entering = self.take(self.trim(caught), Step("catch", handler))
            lives = lives + self.block(entering, handler.body, inner)

        def finished(leaving: list[_Live]) -> list[_Live]:
            return self.block(self.trim(leaving), node.final, exits)

        inner.through(finished, exits)
        return finished(lives) if lives else []


_STATEMENTS: dict[type, Callable[[_Walk, list[_Live], Any, _Exits], list[_Live]]] = {
    tree.Expression: _Walk.expression,
    tree.Assign: _Walk.assign,
    tree.AugAssign: _Walk.augment,
    tree.Delete: _Walk.delete,
    tree.Return: _Walk.leave,
    tree.Raise: _Walk.leave,
    tree.Jump: _Walk.jump,
    tree.Assert: _Walk.assertion,
    tree.If: _Walk.branch,
    tree.Match: _Walk.match,
    tree.For: _Walk.for_loop,
    tree.While: _Walk.while_loop,
    tree.With: _Walk.with_block,
    tree.Try: _Walk.try_block,
    tree.Def: _Walk.define,
    tree.ClassDef: _Walk.define,
    tree.ImportStatement: _Walk.define,
    tree.Scoping: _Walk.define,
}


def order(*nodes: Node) -> Iterator[tuple[Node, bool]]:
    """The parts of expressions in the order of their evaluation, inner before outer.

    Each with whether `await` stands right before it. Bodies of lambdas are left out; the conditional parts
    of an expression all count.
    """
    for node in nodes:
        if node is None or isinstance(node, tree.Lambda):
            continue
        yield from _order(node, False)


def _order(node: Node, awaited: bool) -> Iterator[tuple[Node, bool]]:
    if isinstance(node, tree.Comprehension):
        for generator in node.generators:
            yield from order(generator.iterable, *generator.conditions)
        yield from order(node.element, node.value)
    elif isinstance(node, tree.Await):
        yield from _order(node.value, True)
    elif isinstance(node, tree.Conditional):
        yield from order(node.test, node.body, node.orelse)
    elif not isinstance(node, tree.Lambda):
        yield from order(*tree.children(node))
    yield node, awaited
