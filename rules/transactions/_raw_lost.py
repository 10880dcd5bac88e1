"""Writes by SQL on a driver's own connection that nobody commits before it is closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, target
from cdlint.project.classes import function_facts
from cdlint.project.constants import fold
from cdlint.project.flow import Limit, Outcome, Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate, local_assignments
from cdlint.rule import Location

from ._commits import is_commit, may_commit
from ._raw import Held, held_in, holders

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
_EXECUTES = frozenset({"execute", "executemany", "execute_insert"})
_State: TypeAlias = tuple[frozenset["RawWrite"], frozenset["RawWrite"]]


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


def raw_lost(project: Project) -> tuple[RawLost, ...]:
    """One for each connection of each function."""
    return tuple(found for each in project[holders] for found in project[_lost_in, each])


def raw_limit(project: Project, function: Symbol) -> Limit | None:
    """Where not all ways through a function with a connection were followed any more."""
    walked = _walked(project, function)
    return walked[1].limit if walked is not None else None


def _walked(project: Project, function: Symbol) -> tuple[_Follower, Outcome[_State]] | None:
    held = project[held_in, function]
    facts = function_facts(project, function)
    if not held or facts is None:
        return None
    follower = _Follower(project, function, facts, held)
    try:
        return follower, walk(facts.body, (frozenset[RawWrite](), frozenset[RawWrite]()), follower.step, _join)
    except CyclicFact:
        return None


def _lost_in(project: Project, function: Symbol) -> tuple[RawLost, ...]:
    walked = _walked(project, function)
    if walked is None:
        return ()
    follower, outcome = walked
    leaving = (*outcome.ends, *outcome.returns)
    ended = {each for state in (*leaving, *outcome.raises) for each in state[1]}
    pending = sorted({each for state in leaving for each in state[0]} - ended)
    if not outcome.complete or follower.gone or not pending:
        return ()
    lost = []
    for each in follower.held.values():
        mine = [write for write in pending if write.held == each]
        if mine and not (each.lasting and _others_commit(project, function)):
            lost.append(RawLost(function, mine[-1], tuple(write.leaf for write in mine[:-1])))
    return tuple(lost)


def _others_commit(project: Project, function: Symbol) -> bool:
    """Whether some function that calls this one may commit what it leaves."""
    for path in project.paths:
        if is_aside(path) or function.last not in project[called_names, path]:
            continue
        module = project.module(path)
        for each in module.functions if module is not None else ():
            names = {call[call.rfind(".") + 1 :] for call in each.calls}
            if function.last in names and any(map(is_commit, names)):
                return True
    return False


def _join(first: _State, second: _State) -> _State:
    return first[0] | second[0], first[1] | second[1]


class _Follower:
    def __init__(self, project: Project, function: Symbol, facts: Function, held: tuple[Held, ...]) -> None:
        self.project, self.function, self.facts = project, function, facts
        self.scope = (function.path, function.name)
        self.held = {each.name: each for each in held}
        self.cursors = dict(_cursors(facts, self.held))
        self.gone = False
        """A connection gets out of sight: somebody else may commit on it."""

    def step(self, state: _State, step: Step) -> _State:
        if step.kind == "leave":
            return self.left(state, step.value, step.target)
        if step.kind == "return" and self.mentions(step.value):
            self.gone = True
        if step.kind == "assign" and isinstance(step.value, tree.Path) and step.value.text in self.held:
            self.gone = True
        if step.value is not None and step.kind != "assume":
            for node, _ in order(step.value):
                if isinstance(node, tree.Call):
                    state = self.called(state, node)
        return state

    def mentions(self, value: Node | None) -> bool:
        """Whether a value is a connection or holds one."""
        items = value.items if isinstance(value, tree.Sequence) else (value,)
        return any(isinstance(each, tree.Path) and each.text in self.held for each in items)

    def left(self, state: _State, context: Node | None, name: Node | None) -> _State:
        text = getattr(context, "text", "") or getattr(name, "text", "")
        held = self.held.get(text)
        call = context.value if isinstance(context, tree.Await) else context
        if isinstance(call, tree.Call) and is_commit(getattr(call.func, "last", "")):
            return _ended(state)
        return _ended(state) if held is not None and held.leaving else state

    def called(self, state: _State, call: tree.Call) -> _State:
        last = getattr(call.func, "last", "")
        if is_commit(last) or last in ("rollback", "executescript"):
            return _ended(state)
        owner = self.owner(call.func)
        if owner is not None:
            if last in _EXECUTES and call.args and writes_rows(self.project, self.scope, call.args[0]):
                write = RawWrite(call.at, Location(self.function.path, call.at), _written(call), owner)
                return state[0] | {write}, state[1]
            return state
        given = [
            (index, self.held.get(each.text) or self.cursors.get(each.text))
            for index, each in enumerate(call.args)
            if isinstance(each, tree.Path)
        ]
        given += [
            (index, self.held.get(getattr(each.value, "text", ""))) for index, each in enumerate(call.keywords, 99)
        ]
        for index, held in given:
            if held is not None:
                state = self.handed(state, call, index, held)
        return state

    def owner(self, func: Node) -> Held | None:
        """The connection that a method is called on, itself or by a cursor of it."""
        if isinstance(func, tree.Path):
            name = func.text.rpartition(".")[0]
            return self.held.get(name) or self.cursors.get(name)
        if isinstance(func, tree.Attribute):
            value = func.value.value if isinstance(func.value, tree.Await) else func.value
            return self.owner(value.func) if isinstance(value, tree.Call) else None
        return None

    def handed(self, state: _State, call: tree.Call, index: int, held: Held) -> _State:
        """After a call that is given the connection or a cursor of it."""
        answer = evaluate(self.project, self.scope, call.func)
        called = target(self.project, answer)
        facts = function_facts(self.project, called) if called is not None else None
        if isinstance(answer, Symbol) and answer.kind == "external" and answer.name.endswith(("closing", "print")):
            return state
        if called is None or facts is None or facts.name == "__init__" or self.project[may_commit, called]:
            self.gone = True
            return state
        index += bool(facts.owner)
        name = facts.params[index].name if index < len(facts.params) else ""
        inner = {name: held}
        cursors = dict(_cursors(facts, inner))
        for each in tree.calls(*facts.body):
            owner = getattr(each.func, "text", "").rpartition(".")[0]
            if owner in inner or owner in cursors:
                scope = (called.path, called.name)
                if each.func.last in _EXECUTES and each.args and writes_rows(self.project, scope, each.args[0]):
                    write = RawWrite(call.at, Location(called.path, each.at), _written(each), held)
                    state = state[0] | {write}, state[1]
        return state


def _cursors(facts: Function, held: dict[str, Held]) -> Iterator[tuple[str, Held]]:
    for node in tree.walk(*facts.body):
        pairs: tuple[tuple[Node | None, Node | None], ...] = ()
        if isinstance(node, tree.Assign) and len(node.targets) == 1:
            pairs = ((node.value, node.targets[0]),)
        elif isinstance(node, tree.With):
            pairs = node.items
        for value, name in pairs:
            call = value.value if isinstance(value, tree.Await) else value
            text = getattr(call.func, "text", "") if isinstance(call, tree.Call) else ""
            if text.endswith(".cursor") and text[: -len(".cursor")] in held and isinstance(name, tree.Path):
                yield name.text, held[text[: -len(".cursor")]]


def writes_rows(project: Project, scope: tuple[str, str], statement: Node) -> bool:
    """Whether a statement certainly changes rows, by its first word."""
    node: Node | None = statement
    if isinstance(node, tree.Path) and "." not in node.text:
        values = [value for value, _ in project[local_assignments, scope].get(node.text, ())]
        node = values[0] if values and values[0] is not None else node
    while isinstance(node, (tree.FString, tree.Binary)) or (
        isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute)
    ):
        inner = node.parts if isinstance(node, tree.FString) else node.terms if isinstance(node, tree.Binary) else ()
        node = (inner[0] if inner else None) if not isinstance(node, tree.Call) else node.func.value
    folded = fold(project, scope, node, infer=False) if node is not None else None
    return isinstance(folded, str) and _WRITES.match(folded) is not None


def _written(call: tree.Call) -> str:
    return f"{getattr(call.func, 'text', 'execute')}()"


def _ended(state: _State) -> _State:
    return (frozenset(), state[0] | state[1]) if state[0] else state
