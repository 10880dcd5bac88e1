"""Blocks that a session's `begin()` opens: what ends their transaction too early, and what has begun one before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from cdlint.backend.sessions import dealings, session_at
from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.classes import function_facts
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside

from ._roots import given_by, providers
from ._uses import Use, uses

_ENDS = frozenset({"commit", "rollback", "close"})
_STARTS = frozenset({"read", "write", "flush"})
_State: TypeAlias = frozenset["Mark"]


class Mark(NamedTuple):
    """What is known of a session on a path. `kind`: `inside` (a block of `begin()`), `ended` in it, or `used`."""

    kind: str
    session: str
    use: Use | None
    at: At


class Clash(NamedTuple):
    """`kind`: `ended` (then `second` cannot run) or `begun` (the `begin()` itself cannot)."""

    kind: str
    function: Symbol
    session: str
    block: At
    first: Use
    second: Use | None
    helper: Symbol | None


def beginning(project: Project) -> tuple[Symbol, ...]:
    """The functions that begin a transaction in a block."""
    if not project[dealings]:
        return ()
    return tuple(symbol for path in project.paths for symbol in project[_beginning_in, path])


def _beginning_in(project: Project, path: str) -> tuple[Symbol, ...]:
    functions = calling(project, path, frozenset({"begin"})) if not is_aside(path) else ()
    return tuple(Symbol("function", path, each.qualname) for each in functions)


def clashes(project: Project, function: Symbol) -> tuple[Clash, ...]:
    """In source order, one for each block and kind."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    try:
        follower = _Follower(project, function)
        walk(facts.body, frozenset(follower.before()), follower.step, frozenset.union)
    except CyclicFact:
        return ()
    return tuple(follower.found[key] for key in sorted(follower.found))


class _Follower:
    def __init__(self, project: Project, function: Symbol) -> None:
        self.project, self.function = project, function
        self.uses: dict[At, list[Use]] = {}
        for use in project[uses, function]:
            self.uses.setdefault(use.at, []).append(use)
        self.found: dict[tuple[At, str], Clash] = {}

    def before(self) -> Iterator[Mark]:
        """The sessions that other dependencies of a handler have used when it starts."""
        facts = function_facts(self.project, self.function)
        shared = given_by(self.project, self.function)
        begun = {use.session for each in self.uses.values() for use in each if use.kind == "begin"}
        for param in facts.params if facts is not None else ():
            source = shared.get(param.name)
            if source is None or param.name not in begun:
                continue
            for other in self.project[providers, self.function].functions:
                for name, inner in given_by(self.project, other).items():
                    use = _left_begun(self.project, other, name) if inner == source else None
                    if use is not None:
                        yield Mark("used", param.name, use._replace(chain=(), leaf=use.leaf), use.at)

    def step(self, state: _State, step: Step) -> _State:
        if step.kind == "enter":
            session = self.begun(step.value, step.target)
            if session:
                state = self.entered(state, session, step.value)
                return state | {
                    Mark("inside", session, None, step.value.at if step.value is not None else (0, 0, 0, 0))
                }
        if step.kind == "leave":
            session = self.begun(step.value, step.target)
            return frozenset(each for each in state if each.session != session) if session else state
        for node, _ in order(step.value) if step.value is not None else ():
            if isinstance(node, tree.Call):
                blocks: set[str] = set()
                for use in self.uses.get(node.at, ()):
                    if use.kind == "begin" and use.chain:
                        # What the called function does from here on is in a block of its own, which ends there.
                        blocks.add(use.session)
                    elif use.session not in blocks:
                        state = self.used(state, use)
        return state

    def begun(self, context: Node | None, target: Node | None) -> str:
        """The session whose transaction a `with` block is."""
        value = context.value if isinstance(context, tree.Await) else context
        if not isinstance(value, tree.Call) or getattr(value.func, "last", "") != "begin":
            return ""
        use = next((each for each in self.uses.get(value.at, ()) if each.kind == "begin"), None)
        if use is not None:
            return use.session
        if not isinstance(target, tree.Path):
            return ""
        key = (self.function.path, self.function.name, target.text)
        return target.text if isinstance(self.project[session_at, key], Symbol) else ""

    def entered(self, state: _State, session: str, context: Node | None) -> _State:
        call = context.value if isinstance(context, tree.Await) else context
        own = call is not None and any(each.kind == "begin" for each in self.uses.get(call.at, ()))
        for mark in sorted(state, key=repr) if own else ():  # What a factory or engine begins is a new one.
            if mark.kind == "used" and mark.session == session and mark.use is not None and context is not None:
                self.note("begun", session, context.at, mark.use, None)
        return frozenset(each for each in state if each.session != session)

    def used(self, state: _State, use: Use) -> _State:
        mine = [each for each in state if each.session == use.session]
        inside = next((each for each in mine if each.kind == "inside"), None)
        ended = next((each for each in mine if each.kind == "ended"), None)
        if inside is not None:
            if ended is not None and ended.use is not None and use.certain and use.kind in _STARTS | {"commit"}:
                self.note("ended", use.session, inside.at, ended.use, use)
            elif use.kind in _ENDS and use.certain:
                return state | {Mark("ended", use.session, use, inside.at)}
            return state
        if use.kind in _ENDS:
            return frozenset(each for each in state if each.session != use.session)
        if use.kind in _STARTS and use.certain and not mine:
            return state | {Mark("used", use.session, use, use.at)}
        return state

    def note(self, kind: str, session: str, block: At, first: Use, second: Use | None) -> None:
        helper = None if first.leaf.path == self.function.path and first.at == first.leaf.at else self.function
        self.found.setdefault((block, kind), Clash(kind, self.function, session, block, first, second, helper))


def _left_begun(project: Project, function: Symbol, session: str) -> Use | None:
    """The use with which a dependency leaves a transaction open in the session that it shares with the handler."""
    left: Use | None = None
    for use in project[uses, function]:
        if use.session == session:
            if use.kind in _ENDS or use.kind == "begin":
                return None
            if left is None and use.certain and use.kind in _STARTS:
                left = use
    facts = function_facts(project, function)
    return left if facts is not None and not facts.is_generator else None
