"""Writes by SQL on a driver's own connection that nobody commits before it is closed."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.classes import function_facts
from cdlint.project.flow import Limit, Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._commits import commits_around, commits_in, is_commit, last_of, leaving, may_commit, possible
from ._raw import Held, held_in, holders
from ._raw_opened import is_closing
from ._raw_used import cursors, executes, gets_out, handed, is_ended, makes_temporary, owner, writes_rows, written

_State: TypeAlias = tuple[frozenset["RawWrite"], frozenset["RawWrite"]]
_START: _State = frozenset(), frozenset()


class RawWrite(NamedTuple):
    """A statement that changes rows: where the function runs it or calls what does, and where it stands."""

    at: At
    leaf: Location
    what: str
    held: Held


class RawLost(NamedTuple):
    """The last write of a function on a connection, and the others, that no way through it commits."""

    function: Symbol
    write: RawWrite
    others: tuple[Location, ...]


class Followed(NamedTuple):
    """What a function loses, and where not all ways through it were followed any more."""

    lost: tuple[RawLost, ...] = ()
    limit: Limit | None = None


def raw_lost(project: Project) -> tuple[RawLost, ...]:
    """One for each connection of each function."""
    return tuple(found for each in project[holders] for found in project[_followed, each].lost)


def raw_limit(project: Project, function: Symbol) -> Limit | None:
    """Where not all ways through a function with a connection were followed any more."""
    return project[_followed, function].limit


def _followed(project: Project, function: Symbol) -> Followed:
    facts = function_facts(project, function)
    try:
        held = project[held_in, function]
        if not held or facts is None or makes_temporary(facts):
            return Followed()
        follower = _Follower(project, function, facts, held)
        outcome = walk(facts.body, _START, follower.step, _join)
        last = (*outcome.ends, *outcome.returns)
        ended = {each for state in (*last, *outcome.raises) for each in state[1]}
        pending = sorted({each for state in last for each in state[0]} - ended)
        lost = []
        for each in held if outcome.complete else ():
            mine = [write for write in pending if write.held == each and each.name not in follower.gone]
            if mine and not (each.lasting and _others_commit(project, function)):
                lost.append(RawLost(function, mine[-1], tuple(write.leaf for write in mine[:-1])))
        return Followed(tuple(lost), outcome.limit)
    except CyclicFact:
        return Followed()


def _others_commit(project: Project, function: Symbol) -> bool:
    """Whether some function that leads to this one may commit what it leaves."""
    frontier, seen = [function], {function}
    for each in frontier:
        if commits_around(project, each) or (each != function and project[may_commit, each]):
            return True
        fresh = [caller for caller in project[_calling, each] if caller not in seen]
        seen.update(fresh)
        frontier.extend(fresh)
    return False


def _calling(project: Project, function: Symbol) -> tuple[Symbol, ...]:
    """The functions that may call a function."""
    return tuple(
        caller for path in project.paths for caller in project[_named_in, (path, function.last)]
        if _may_call(project, caller, function)
    )  # fmt: skip


def _named_in(project: Project, key: tuple[str, str]) -> tuple[Symbol, ...]:
    """The functions of a file that call something of a name."""
    path, name = key
    functions = calling(project, path, frozenset({name})) if not is_aside(path) else ()
    return tuple(Symbol("function", path, each.qualname) for each in functions)


def _may_call(project: Project, caller: Symbol, function: Symbol) -> bool:
    facts = function_facts(project, caller)
    scope = (caller.path, caller.name)
    return facts is not None and any(
        last_of(call) == function.last and function in possible(project, call, evaluate(project, scope, call.func))
        for call in facts.call_nodes
    )


def _join(first: _State, second: _State) -> _State:
    return first[0] | second[0], first[1] | second[1]


class _Follower:
    """Follows what is pending through the steps of one function; `gone` are connections that get out of sight."""

    def __init__(self, project: Project, function: Symbol, facts: Function, held: tuple[Held, ...]) -> None:
        self.project, self.function = project, function
        self.scope = (function.path, function.name)
        self.lasts = any(each.lasting for each in held)
        self.held: dict[str, Held] = {}
        self.gone = set()
        for each in held:
            names = (each.name, *cursors(facts, each.name))
            self.held.update(dict.fromkeys(names, each))
            if gets_out(project, function, facts, names):
                self.gone.add(each.name)

    def step(self, state: _State, step: Step) -> _State:
        if step.kind == "leave":
            return self.left(state, step.value, step.target)
        if step.value is not None and step.kind != "assume":
            for node, _ in order(step.value):
                if isinstance(node, tree.Call):
                    state = self.called(state, node)
        return state

    def left(self, state: _State, context: Node | None, name: Node | None) -> _State:
        call = context.value if isinstance(context, tree.Await) else context
        runs = leaving(self.project, self.scope, call) if self.lasts and call is not None else ()
        if any(self.project[may_commit, each] for each in runs):
            return _ended(state)
        if not isinstance(call, tree.Call):
            held = self.held.get(getattr(context, "text", ""))
            return _ended(state) if held is not None and held.leaving else state
        held = self.held.get(getattr(name, "text", ""))
        provider = function_facts(self.project, held.provider) if held is not None and held.provider else None
        closes = is_closing(call) or (provider is not None and provider.is_generator)
        opened = held is not None and held.name == getattr(name, "text", "")
        ends = is_commit(last_of(call)) or (held is not None and opened and held.leaving and not closes)
        return _ended(state) if ends else state

    def called(self, state: _State, call: tree.Call) -> _State:
        held = self.held.get(owner(call.func))
        if is_commit(last_of(call)) or (held is not None and is_ended(self.project, self.scope, call)):
            return _ended(state)
        if held is not None:
            if executes(call) and writes_rows(self.project, self.scope, call.args[0]):
                place = Location(self.function.path, call.at)
                state = state[0] | {RawWrite(call.at, place, written(call), held)}, state[1]
            return state
        for each in dict.fromkeys(self.held.values()):
            names = frozenset(name for name, other in self.held.items() if other == each)
            writes = handed(self.project, self.scope, call, names)
            if writes is None:
                self.gone.add(each.name)
            state = state[0] | {RawWrite(call.at, leaf, what, each) for leaf, what in writes or ()}, state[1]
        ends = self.lasts and commits_in(self.project, self.scope, call, evaluate(self.project, self.scope, call.func))
        return _ended(state) if ends else state


def _ended(state: _State) -> _State:
    return (frozenset(), state[0] | state[1]) if state[0] else state
