"""Blocks that a session lives in: what `with` opens, and what its end does to the instances inside."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, function_facts
from cdlint.project.flow import Step
from cdlint.project.values import evaluate

from ._state_run import Frame, Run, assigned
from ._state_sessions import detached, ended
from ._state_values import Ref, Session, State, Thing, Value
from ._statements import receiver_of

_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


class Scope(NamedTuple):
    """What the end of a block does."""

    session: Session | None
    commits: bool
    closes: bool
    sure: bool


def _name(node: Node) -> str:
    return f"<<with:{node.at[0]}:{node.at[1]}>"


def opened(run: Run, state: State, each: Step) -> State:
    """A `with` block begins."""
    node = each.value
    context = node.value if isinstance(node, tree.Await) else node
    value, scope, state = _context(run, context, state)
    state = State({**state.names, _name(node): scope}, state.heap)
    return state if each.target is None else assigned(run, each.target, value, state)


def left(run: Run, state: State, node: Node) -> State:
    """A `with` block ends."""
    scope = state.names.get(_name(node))
    if not isinstance(scope, Scope):
        return state
    if scope.session is None or not scope.sure:
        for key, entity in state.heap.items():
            if entity.session and (scope.session is None or entity.session == scope.session.key):
                state = state.lose(Ref(key))
        return state
    if scope.commits:
        state = ended(run, scope.session, state, node.at, "commit")
    return detached(run, scope.session, state, node.at) if scope.closes else state


def _context(run: Run, node: Node, state: State) -> tuple[Value, Scope | None, State]:
    """What a context gives to its target, and what its end will do."""
    receiver = receiver_of(node) if isinstance(node, tree.Call) else None
    word = getattr(getattr(node, "func", None), "last", "")
    if receiver is not None and word in ("begin", "begin_nested"):
        held, state = run.value(receiver, state)
        if isinstance(held, Session):
            return None, Scope(held, word == "begin", False, held.sure) if word == "begin" else None, state
    manager = _manager(run, node, state)
    if manager is not None:
        return _managed(run, manager, node, state)
    value, state = run.value(node, state)
    own = _own_manager(run, value)
    if own is not None and isinstance(value, Thing):
        value, held, scope = _entered(run, value, *own)
        if isinstance(node, tree.Path) and held.fields != ():
            state = state.bind(node.text, held)
        return value, scope, state
    if isinstance(value, Session):
        # A session that somebody else made is not always closed by the block.
        made = isinstance(node, tree.Call)
        return value, Scope(value, word == "begin", True, value.sure and made), state
    if value is None or (isinstance(value, Thing) and value.symbol.kind == "instance"):
        if "session" in (word or getattr(node, "last", "")).lower():
            session = Session(f"{run.frame.tag}{run.frame.path}:{node.at[0]}:{node.at[1]}", None, False)
            return session, Scope(session, False, True, False), state
        return value, Scope(None, False, False, False), state
    return value, None, state


def _own_manager(run: Run, value: Value) -> tuple[Symbol, Symbol] | None:
    """The methods of the repository that run at the start and the end of a block over an instance."""
    if not isinstance(value, Thing) or value.symbol.kind != "instance":
        return None
    cls = Symbol("class", value.symbol.path, value.symbol.name)
    for begin, end in (("__aenter__", "__aexit__"), ("__enter__", "__exit__")):
        found = [run.project[class_member, (cls, name)] for name in (begin, end)]
        first, last = (each if isinstance(each, Symbol) and each.kind == "function" else None for each in found)
        if first is not None and last is not None:
            return first, last
    return None


def _entered(run: Run, thing: Thing, begin: Symbol, end: Symbol) -> tuple[Value, Thing, Scope | None]:
    """What the start of a block gives and keeps in the instance, such as a session, and what its end will do."""
    first, last = function_facts(run.project, begin), function_facts(run.project, end)
    unknown = Scope(None, False, False, False)
    if first is None or last is None or not first.params or first.is_generator or begin in run.stack:
        return thing, thing, unknown
    own, frame = first.params[0].name, run.frame
    fields, given = dict(thing.fields), list[Value]()
    run.frame = Frame(begin.path, begin.name, f"{frame.tag}{begin.path}:{begin.name}>", frame.chain, [])
    run.silent += 1
    for node in first.body:
        here = State({own: Thing(thing.symbol, tuple(fields.items()))}, {})
        if isinstance(node, tree.Assign) and node.value is not None:
            value, _ = run.value(node.value, here)
            for target in node.targets:
                name = target.text.removeprefix(f"{own}.") if isinstance(target, tree.Path) else ""
                if name and name.isidentifier() and target.text != name and isinstance(value, (Session, Thing)):
                    fields[name] = value
        elif isinstance(node, tree.Return):
            value, _ = run.value(node.value, here)
            given.append(value)
    run.silent -= 1
    run.frame = frame
    held = Thing(thing.symbol, tuple(fields.items()))
    sessions = {each for each in fields.values() if isinstance(each, Session)}
    words = last.lasts
    if len(sessions) != 1 or "__aexit__" in words or "__exit__" in words:
        return (given[0] if len(given) == 1 else None), held, unknown
    closes = bool(words & {"close", "aclose", "remove"})
    return (given[0] if len(given) == 1 else None), held, Scope(sessions.pop(), "commit" in words, closes, True)


def _manager(run: Run, node: Node, state: State) -> Symbol | None:
    """The generator function behind `with session_scope():`."""
    if not isinstance(node, tree.Call):
        return None
    receiver = receiver_of(node)
    answer: object = None
    if receiver is not None:
        held, _ = run.value(receiver, state)
        if isinstance(held, Thing) and held.symbol.kind == "instance":
            cls = Symbol("class", held.symbol.path, held.symbol.name)
            answer = run.project[class_member, (cls, node.func.last)]
    if answer is None:
        held = run.static(node.func.text, node.at) if isinstance(node.func, tree.Path) else None
        answer = held.symbol if isinstance(held, Thing) else None
    facts = function_facts(run.project, answer) if isinstance(answer, Symbol) else None
    if facts is None or not facts.is_generator or not isinstance(answer, Symbol):
        return None
    return answer if any(getattr(each, "last", "") in _MANAGERS for each in facts.decorators) else None


def _managed(run: Run, manager: Symbol, node: tree.Call, state: State) -> tuple[Value, Scope | None, State]:
    """What a context manager of the repository yields, and does afterwards."""
    from ._state_provided import yielded

    receiver = receiver_of(node)
    held, state = run.value(receiver, state) if receiver is not None else (None, state)
    value, state = yielded(run, manager, (held,) if isinstance(held, Thing) else (), state, node.at)
    facts = function_facts(run.project, manager)
    if not isinstance(value, Session) or facts is None:
        return value, Scope(None, False, False, False), state
    words = facts.lasts
    closes = bool(words & {"close", "aclose", "remove"}) or _holds_block(run, manager, facts)
    return value, Scope(value, bool(words & {"commit", "begin"}), closes, True), state


def _holds_block(run: Run, manager: Symbol, facts: Function) -> bool:
    """Whether a `with` inside it makes the session, and so closes it."""
    for node in facts.nodes:
        if isinstance(node, tree.With):
            for context, _ in node.items:
                call = context.value if isinstance(context, tree.Await) else context
                if isinstance(call, tree.Call) and getattr(call.func, "last", "") != "begin_nested":
                    answer = evaluate(run.project, (manager.path, manager.name), call)
                    if isinstance(answer, Symbol) and answer.kind == "external":
                        return True
    return False
