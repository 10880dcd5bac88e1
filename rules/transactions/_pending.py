"""Which writes a function leaves without a commit on every way that it can go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.backend.sessions import Change, Event, changes_in, dealings_in, session_at
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import target
from cdlint.project.classes import function_facts
from cdlint.project.effects import Step as Passed
from cdlint.project.flow import Limit, Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._commits import commits_in, is_commit, last_of, leaving, may_commit, possible

_HARMLESS = ("sqlalchemy.", "sqlmodel.", "builtins.", "logging.", "flask_sqlalchemy.")
_LATER = frozenset(
    f"{module}.BackgroundTasks().add_task" for module in ("fastapi", "fastapi.background", "starlette.background")
)
"""What runs a function after the request, when its session is closed."""
_FREEING = ("expunge", "make_transient")
_State: TypeAlias = tuple[frozenset["Pending"], frozenset["Pending"]]


class Pending(NamedTuple):
    """A write. `at` is where the function does it, `chain` the calls from there to `leaf`, the write itself."""

    leaf: Location
    what: str
    session: str
    origin: str
    """Whose session it is, seen from the function that writes."""
    at: At
    chain: tuple[Passed, ...]
    shown: bool = False
    """Whether it may only make the row ready to be shown: an attribute told differently on a row that is returned."""


class Left(NamedTuple):
    """What a function leaves without a commit, and which of its writes are ended on some way."""

    pending: tuple[Pending, ...]
    ended: frozenset[Location]
    limit: Limit | None = None
    """Where not all ways through it were followed any more."""


NONE = Left((), frozenset())


def left_pending(project: Project, function: Symbol) -> Left:
    """What a function writes, itself or through others, and certainly does not commit."""
    facts = function_facts(project, function)
    if facts is None or facts.is_generator or is_aside(function.path):
        return NONE
    follower = _Follower(project, function, facts)
    try:
        outcome = walk(facts.body, (frozenset[Pending](), frozenset[Pending]()), follower.step, _join)
    except CyclicFact:
        return NONE
    leaving_states = (*outcome.ends, *outcome.returns)
    ended = frozenset(each for state in (*leaving_states, *outcome.raises) for each in state[1])
    pending = frozenset(each for state in leaving_states for each in state[0]) - ended
    if not outcome.complete:
        return Left((), frozenset(each.leaf for each in ended | pending), outcome.limit)
    return Left(tuple(sorted(pending)), frozenset(each.leaf for each in ended))


def _join(first: _State, second: _State) -> _State:
    return first[0] | second[0], first[1] | second[1]


class _Follower:
    """Follows what is pending through the steps of one function."""

    def __init__(self, project: Project, function: Symbol, facts: Function) -> None:
        self.project, self.function = project, function
        self.scope = (function.path, function.name)
        self.events: dict[At, tuple[Event, str, str]] = {
            event.at: (event, each.session, each.origin)
            for each in project[dealings_in, function]
            for event in each.events
        }
        for call in _added_again(facts):
            self.events.pop(call.at, None)
        self.origins = {each.session: each.origin for each in project[dealings_in, function]}
        self.handlers = [each.at for each in facts.every(tree.Handler)]
        freed = set(_let_go(facts))
        self.changes = {each.at: each for each in project[changes_in, function] if each.what.split(".")[0] not in freed}
        self.gets = any(last_of(each) == "get" for each in facts.decorators)
        self.returned = {
            getattr(node.value, "text", "")
            for node in (facts.nodes if self.changes else ())
            if isinstance(node, tree.Return)
        }

    def step(self, state: _State, step: Step) -> _State:
        if step.kind == "leave":
            return self.left(state, step.value)
        if step.value is not None and step.kind != "assume":
            for node, awaited in order(step.value):
                if isinstance(node, tree.Call):
                    state = self.called(state, node, awaited)
        change = self.changes.get(step.target.at) if step.target is not None else None
        shown = step.kind == "assign" and isinstance(step.target, tree.Path) and self.is_shown(step.target, step.value)
        if change is None or (shown and self.gets):
            return state
        return self.changed(state, change, shown)

    def is_shown(self, target: tree.Path, value: Node | None) -> bool:
        """Whether an attribute is told differently on a row that is returned."""
        of_row = any(getattr(each, "text", "").startswith(f"{target.root}.") for each in tree.walk(value))
        return of_row and target.root in self.returned and not isinstance(value, tree.Binary)

    def changed(self, state: _State, change: Change, shown: bool = False) -> _State:
        origin = "shared" if change.shared else self.origins.get(change.session, "parameter")
        place = Location(self.function.path, change.at)
        written = Pending(place, change.what, change.session, origin, change.at, (), shown)
        return state[0] | {written}, state[1]

    def left(self, state: _State, context: Node | None) -> _State:
        """After a `with` block."""
        value = context.value if isinstance(context, tree.Await) else context
        text = getattr(value.func if isinstance(value, tree.Call) else value, "last", "")
        if is_commit(text):
            return _ended(state)
        called = evaluate(self.project, self.scope, value.func) if isinstance(value, tree.Call) else None
        ends = any(self.ends(each) for each in leaving(self.project, self.scope, value))
        unsure = isinstance(value, tree.Call) and called is not None and self.may_end(value, called)
        return _ended(state) if ends or unsure else state

    def ends(self, function: Symbol | None) -> bool:
        return function is not None and self.project[may_commit, function]

    def called(self, state: _State, call: tree.Call, awaited: bool) -> _State:
        known = self.events.get(call.at)
        if known is not None:
            return self.happened(state, *known)
        if call.at in self.changes:
            return self.changed(state, self.changes[call.at])
        if is_commit(getattr(call.func, "last", "")):
            return _ended(state)
        answer = evaluate(self.project, self.scope, call.func)
        if self.may_end(call, answer):
            return _ended(state)
        called = target(self.project, answer)
        facts = function_facts(self.project, called) if called is not None else None
        if called is None or facts is None or called == self.function or (facts.is_async and not awaited):
            return state
        passed = Passed(self.function.path, call.at, called.name)
        inner = [
            each._replace(at=call.at, chain=(passed, *each.chain))
            for each in self.project[left_pending, called].pending
            if each.origin != "made" and not (each.shown and self.gets)
        ]
        return (state[0] | frozenset(inner), state[1]) if inner else state

    def happened(self, state: _State, event: Event, session: str, origin: str) -> _State:
        if event.kind == "write":
            written = Pending(Location(self.function.path, event.at), event.what, session, origin, event.at, ())
            return state[0] | {written}, state[1]
        if event.kind == "rollback" and any(tree.within(event.at, each) for each in self.handlers):
            # After a failure nothing is left to commit; whether the other way does is seen there.
            return frozenset(), state[1]
        return _ended(state) if event.kind in ("commit", "begin", "rollback") else state

    def may_end(self, call: tree.Call, answer: Answer) -> bool:
        """Whether a call may commit or roll back."""
        if isinstance(answer, Symbol) and answer.name in _LATER:
            return any(isinstance(self.project[session_at, (*self.scope, each.text)], Symbol) for each in _given(call))
        if commits_in(self.project, self.scope, call, answer):
            return True
        if possible(self.project, call, answer) or (
            isinstance(answer, Symbol) and (answer.kind != "external" or answer.name.startswith(_HARMLESS))
        ):
            return False
        return any(isinstance(self.project[session_at, (*self.scope, each.text)], Symbol) for each in _given(call))


def _given(call: tree.Call) -> Iterator[tree.Path]:
    values = (*call.args, *(keyword.value for keyword in call.keywords))
    return (value for value in values if isinstance(value, tree.Path))


def _added_again(facts: Function) -> Iterator[tree.Call]:
    """The `session.add(row)` that `session.refresh(row)` follows at once, so that the row was saved before."""
    for call, after in zip(facts.call_nodes, facts.call_nodes[1:], strict=False):
        if (last_of(call), last_of(after)) == ("add", "refresh") and call.args and after.args:
            row = getattr(call.args[0], "text", "")
            if row and row == getattr(after.args[0], "text", ""):
                yield call


def _let_go(facts: Function) -> Iterator[str]:
    """The names of rows that a function takes out of their session."""
    for call in facts.call_nodes if any(each.endswith(_FREEING) for each in facts.calls) else ():
        if last_of(call) in _FREEING:
            yield from (each.text for each in call.args if isinstance(each, tree.Path))


def _ended(state: _State) -> _State:
    return (frozenset(), state[0] | state[1]) if state[0] else state
