"""What a function has written for good, commit by commit, itself and through what it calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import Event, changes_in, dealings, dealings_in
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import target
from cdlint.project.classes import function_facts
from cdlint.project.flow import Limit, Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._leading import leading_to
from ._saves import CREATING, SAVING, saved_in

_ROUNDS = 2
_MANY = 6
"""How many units of one function are told apart."""


class Row(NamedTuple):
    """Something written. `name` is the local name of the row, `of` its model or else what stands for it."""

    name: str
    of: str
    at: At
    leaf: Location
    fresh: bool


class Unit(NamedTuple):
    """What one commit has made lasting. `at` is the commit, or the call that does it, in the function itself.

    `uses` are the local names that went into it, `raises` whether what is called may refuse by a `raise`.
    """

    rows: tuple[Row, ...]
    at: At
    leaf: Location
    what: str
    uses: frozenset[str]
    raises: bool
    at_once: bool
    """Nobody has asked for the commit: each write is one."""


class Kept(NamedTuple):
    """What a function leaves: `units` on the longest way, `always` when every way ends with something committed."""

    units: tuple[Unit, ...]
    pending: tuple[Row, ...]
    always: bool
    raises: bool
    pairs: tuple[tuple[Unit, Unit, bool], ...]
    """Two units, one after the other on some way, and whether a `raise` may follow the first alone."""
    limit: Limit | None = None
    """Where not all ways through it were followed any more."""


class _State(NamedTuple):
    pending: tuple[Row, ...]
    uses: frozenset[str]
    units: tuple[Unit, ...]


NOTHING = Kept((), (), False, False, ())
_START = _State((), frozenset(), ())


def kept(project: Project, function: Symbol) -> Kept:
    """What running a function commits, as far as its statements and what they call are known."""
    facts = function_facts(project, function)
    if facts is None or facts.is_generator or is_aside(function.path):
        return NOTHING
    follower = _Follower(project, function)
    try:
        outcome = walk(facts.body, _START, follower.step)
    except CyclicFact:
        return NOTHING
    ends = (*outcome.ends, *outcome.returns)
    if not ends or not outcome.complete:
        return NOTHING._replace(limit=outcome.limit)
    longest = max(ends, key=lambda each: (len(each.units), len(each.pending)))
    always = all(each.units and not each.pending for each in ends)
    raises = any(not each.units for each in outcome.raises)
    pairs = []
    for state in ends:
        for position, second in enumerate(state.units):
            for first in state.units[:position]:
                between = any(each.units and each.units[-1].at == first.at for each in outcome.raises)
                pairs.append((first, second, between or second.raises))
    return Kept(longest.units, longest.pending, always, raises, tuple(dict.fromkeys(pairs)))


def committing(project: Project) -> frozenset[str]:
    """The names of the functions that may commit something, themselves or through others of such names."""
    found = {"commit", *(each.function.last for each in project[dealings] if each.of("commit", "begin"))}
    if len(found) == 1:
        return frozenset()
    return leading_to(project, frozenset(found), _ROUNDS)


def saving(project: Project) -> frozenset[str]:
    """Django's methods that write a row, and the names of the functions that create one themselves."""
    made = frozenset[str]().union(*(project[_makes_rows, path] for path in project.paths))
    return SAVING | made if made else made


def _makes_rows(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    return frozenset(
        each.name
        for each in (module.functions[1:] if module is not None and not is_aside(path) else ())
        if any(call.endswith(CREATING) for call in each.calls)
    )


def models(project: Project) -> frozenset[Symbol]:
    """The classes that stand for tables."""
    return frozenset(each.model for each in project[tables] if each.model is not None)


class _Follower:
    """Follows what is written and committed through the steps of one function."""

    def __init__(self, project: Project, function: Symbol) -> None:
        self.project, self.function = project, function
        self.scope = (function.path, function.name)
        self.events: dict[At, Event] = {
            event.at: event for each in project[dealings_in, function] for event in each.events
        }
        self.saves = project[saved_in, function]
        self.changes = {each.at: each for each in project[changes_in, function]}

    def step(self, state: _State, step: Step) -> _State:
        if step.value is not None and step.kind not in ("assume", "leave", "enter"):
            for node, awaited in order(step.value):
                if isinstance(node, tree.Call):
                    state = self.called(state, node, awaited)
        value = step.value.value if isinstance(step.value, tree.Await) else step.value
        if step.kind == "leave" and isinstance(value, tree.Call) and getattr(value.func, "last", "") == "begin":
            place = Location(self.function.path, value.at)
            what = f"{getattr(value.func, 'text', 'begin')}()"
            unit = Unit(state.pending, value.at, place, what, state.uses, False, False)
            return self.ended(state, unit) if state.pending else state
        if step.kind == "assign" and isinstance(step.target, tree.Path) and isinstance(value, tree.Call):
            state = _named(state, value.at, step.target.text)
        change = self.changes.get(step.target.at) if step.target is not None else None
        if change is not None and isinstance(step.target, tree.Path):
            name = step.target.root
            row = Row(name, name, change.at, Location(self.function.path, change.at), step.kind == "augment")
            return state._replace(pending=(*state.pending, row), uses=state.uses | _roots(step.value))
        return state

    def called(self, state: _State, call: tree.Call, awaited: bool) -> _State:
        event = self.events.get(call.at)
        if event is not None:
            return self.happened(state, call, event)
        saved = self.saves.get(call.at)
        if saved is not None:
            place = Location(self.function.path, call.at)
            row = Row(saved.name, saved.of, call.at, place, True)
            what = f"{getattr(call.func, 'text', 'save')}()"
            return self.ended(state, Unit((row,), call.at, place, what, self.given(call), False, True))
        last = getattr(call.func, "last", "")
        if last not in self.project[committing] and last not in self.project[saving]:
            return state
        answer = evaluate(self.project, self.scope, call.func)
        called = target(self.project, answer)
        facts = function_facts(self.project, called) if called is not None else None
        if called is None or facts is None or called == self.function or (facts.is_async and not awaited):
            return state
        inner = self.project[kept, called]
        if not inner.units and not inner.pending:
            return state
        uses = self.given(call)
        rows = tuple(self.seen(call, called, each) for unit in inner.units for each in unit.rows)
        later = tuple(self.seen(call, called, each) for each in inner.pending)
        if not inner.units:
            return state._replace(pending=(*state.pending, *later), uses=state.uses | uses)
        if not inner.always:
            # It may have committed or not: what was written before cannot be told from now on.
            return state._replace(pending=(), uses=frozenset())
        what = f"{getattr(call.func, 'text', called.last)}()"
        last = inner.units[-1]
        written = (*state.pending, *rows)
        unit = Unit(written, call.at, last.leaf, what, state.uses | uses, inner.raises, last.at_once)
        return self.ended(state, unit)

    def happened(self, state: _State, call: tree.Call, event: Event) -> _State:
        if event.kind == "write":
            return state._replace(pending=(*state.pending, *self.rows(call, event)), uses=state.uses | self.given(call))
        if event.kind == "rollback":
            return state._replace(pending=(), uses=frozenset())
        if event.kind == "commit" and state.pending:
            unit = Unit(
                state.pending, call.at, Location(self.function.path, call.at), event.what, state.uses, False, False
            )
            return self.ended(state, unit)
        return state

    def ended(self, state: _State, unit: Unit) -> _State:
        again = any(each.at == unit.at for each in state.units)
        units = state.units if again or len(state.units) >= _MANY else (*state.units, unit)
        return _State((), frozenset(), units)

    def rows(self, call: tree.Call, event: Event) -> Iterator[Row]:
        """What a call of a session's method writes."""
        adds = event.what.rpartition(".")[2].startswith(("add", "bulk_save"))
        place = Location(self.function.path, call.at)
        value = call.args[0] if call.args else None
        for node in value.items if isinstance(value, tree.Sequence) else (value,):
            made = next((each for each in tree.calls(node) if getattr(each.func, "last", "") == "insert"), None)
            if made is not None and made.args:
                yield Row("", getattr(made.args[0], "last", ""), call.at, place, True)
            elif isinstance(node, tree.Path):
                yield Row(node.text, self.model(node) or node.text, call.at, place, adds and self.is_new(node))
            else:
                yield Row("", self.model(node), call.at, place, adds and self.is_new(node))

    def is_new(self, node: Node | None) -> bool:
        """Whether a value is certainly a row that the function makes itself."""
        if isinstance(node, tree.Path) and "." not in node.text:
            node = self.value(node.text)
        if not isinstance(node, tree.Call):
            return False
        made = getattr(node.func, "last", "")
        return bool(self.model(node)) or made.lower().lstrip("_").endswith(("model", "model_class", "model_cls"))

    def value(self, name: str) -> Node | None:
        """The one value that a local name is given, apart from what is made of itself."""
        values = [each for each, _ in self.project[local_assignments, self.scope].get(name, ()) if each is not None]
        return values[0] if len(values) == 1 else None

    def model(self, node: Node | None) -> str:
        """The name of the model that a value is an instance of, `""` when it is not known."""
        if isinstance(node, tree.Path) and "." not in node.text:
            node = self.value(node.text) or node
        answer = evaluate(self.project, self.scope, node)
        if isinstance(answer, Symbol) and answer.kind == "instance":
            cls = Symbol("class", answer.path, answer.name)
            return cls.last if cls in self.project[models] else ""
        return ""

    def given(self, call: tree.Call) -> frozenset[str]:
        """The local names that go into what is written, the arguments of the constructor included."""
        found = frozenset().union(*map(_roots, (*call.args, *(each.value for each in call.keywords))))
        found |= _roots(call.func) - {"self", "cls"}
        for name in tuple(found):
            for value, _ in self.project[local_assignments, self.scope].get(name, ()):
                if isinstance(value, tree.Call):
                    found |= frozenset().union(*map(_roots, (*value.args, *(each.value for each in value.keywords))))
        return found

    def seen(self, call: tree.Call, called: Symbol, row: Row) -> Row:
        """A row that a called function has written, in the terms of the caller."""
        owner = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
        holder = evaluate(self.project, self.scope, tree.Path(owner, call.at)) if owner else None
        known = isinstance(holder, Symbol) and holder.kind == "instance"
        of = row.of if row.of[:1].isupper() else holder.last if known and isinstance(holder, Symbol) else called.name
        name, fresh = "", row.fresh
        facts = function_facts(self.project, called)
        for position, param in enumerate(facts.params if facts is not None else ()):
            if param.name == row.name and facts is not None:
                position -= bool(facts.owner)
                value = call.argument(position, param.name) if position >= 0 else tree.Path(owner, call.at)
                name = value.text if isinstance(value, tree.Path) else ""
                of = self.model(value) or of
                fresh = fresh or self.is_new(value)
        return Row(name, of, call.at, row.leaf, fresh)


def _named(state: _State, at: At, name: str) -> _State:
    """The state in which the rows of a call have the name of the variable that its result is."""
    units = tuple(
        unit._replace(rows=tuple(row._replace(name=name) if row.at == at else row for row in unit.rows))
        if unit.at == at
        else unit
        for unit in state.units
    )
    pending = tuple(row._replace(name=name) if row.at == at and not row.name else row for row in state.pending)
    return state._replace(units=units, pending=pending)


def _roots(node: Node | None) -> frozenset[str]:
    return frozenset(each.root for each in tree.walk(node) if isinstance(each, tree.Path)) if node else frozenset()
