"""Sessions that code which answers requests opens and does not close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import Session, dealings_in, sessions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import callees
from cdlint.project.classes import (
    ancestry,
    class_facts,
    class_member,
    function_facts,
    functions_of,
    resolve_in,
    subclasses,
)
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._roots import handlers, providers

_MOST = 600
_ASIDE = frozenset({"scripts", "script", "cli", "commands", "migrations", "alembic", "versions", "management", "bin"})
_IDLE = frozenset({"commit", "rollback", "close"})
_ENDS = {"__enter__": "__exit__", "__aenter__": "__aexit__"}
_CLOSING = frozenset({"close", "aclose", "remove", "close_all", "__exit__", "__aexit__", "enter_context",
                      "enter_async_context", "push_async_exit", "push", "callback", "push_async_callback"})  # fmt: skip


class Opened(NamedTuple):
    """A session that is left open. `how`: `returned`, `yielded`, `dropped`, `kept` (by an object that
    a `with` block is over), `skipped` (not closed after an error)."""

    function: Symbol
    session: Session
    how: str
    at: Location
    user: Symbol | None
    """A handler that gets it."""


def left_open(project: Project) -> tuple[Opened, ...]:
    """Those of dependencies, and of functions that handlers run."""
    found = list(_left_by_managers(project))
    made = [each for each in project[sessions] if _is_candidate(each)]
    if not made:
        return tuple(found)
    given = project[_given]
    for each in made:
        function = Symbol("function", each.at.path, each.function)
        facts = function_facts(project, function)
        if facts is None:
            continue
        if function in given and not facts.decorator_codes:
            how = _provided(facts, each)
            if how and not _closed_by_users(project, given[function]):
                at = Location(each.at.path, _giving(facts, how) or each.at.at)
                found.append(Opened(function, each, how, at, given[function][0]))
        elif each.name and not facts.is_generator and _stays_busy(project, function, facts, each):
            user = project[_reached].get(function)
            if user is not None:
                found.append(Opened(function, each, "dropped", each.at, user))
    return tuple(found)


def _left_by_managers(project: Project) -> Iterator[Opened]:
    """Sessions that a class opens at the start of a `with` block over it and leaves open at the end."""
    for each in project[sessions]:
        method = each.function.rpartition(".")[2]
        if each.kind != "session" or each.closed == "with" or method not in _ENDS or is_aside(each.at.path):
            continue
        cls = Symbol("class", each.at.path, each.function.rpartition(".")[0])
        end = project[class_member, (cls, _ENDS[method])]
        facts = function_facts(project, end) if isinstance(end, Symbol) and end.kind == "function" else None
        if facts is None or not isinstance(end, Symbol) or not each.name.startswith("self."):
            continue
        if not _may_close(project, cls, each.name, end) and _stays_open(facts):
            user = _user(project, cls)
            if user is not None:
                yield Opened(end, each, "kept", Location(end.path, facts.at), user)


def _may_close(project: Project, cls: Symbol, name: str, end: Symbol) -> bool:
    """Whether any method of a class, of its ancestors or below it closes, or hands on, what it keeps.

    Where the end of the block itself closes it, its own statements say on which ways.
    """
    if project[ancestry, cls].unknown or project[subclasses].get(cls, ()):
        return True
    for owner in project[ancestry, cls].first_party:
        facts = class_facts(project, owner)
        for method in facts.methods if facts is not None else ():
            function = project[functions_of, owner.path].get(f"{owner.name}.{method}")
            calls = function.calls if function is not None else ()
            own = {f"{name}.close", f"{name}.aclose"} if method == end.last.rpartition(".")[2] else set[str]()
            words = {call.rpartition(".")[2] for call in calls if call not in own}
            if function is None or words & _CLOSING or any(_is_entered(node, name) for node in function.nodes):
                return True
    return False


def _is_entered(node: Node, name: str) -> bool:
    return isinstance(node, tree.With) and any(getattr(context, "text", "") == name for context, _ in node.items)


def _stays_open(facts: Function) -> bool:
    """Whether a function may end without any call that gives the connection back."""

    def step(state: str, step: Step) -> str:
        calls = (node for node, _ in order(step.value) if isinstance(node, tree.Call)) if step.value is not None else ()
        return "idle" if any(getattr(call.func, "last", "") in _IDLE for call in calls) else state

    outcome = walk(facts.body, "open", step)
    return outcome.complete and "open" in (*outcome.ends, *outcome.returns)


def _user(project: Project, cls: Symbol) -> Symbol | None:
    """A function that makes an object of a class, of those that run for a request."""
    for function in dict.fromkeys((*project[_reached], *project[_given])):
        facts = function_facts(project, function)
        for call in facts.calls if facts is not None else ():
            if call.rpartition(".")[2] == cls.last and resolve_in(project, function.path, function.name, call) == cls:
                return function
    return None


def _is_candidate(each: Session) -> bool:
    if each.kind != "session" or each.closed == "with" or not each.function or "." in each.name:
        return False
    return not is_aside(each.at.path) and _ASIDE.isdisjoint(each.at.path.split("/"))


def _given(project: Project) -> dict[Symbol, tuple[Symbol, ...]]:
    """Dependency -> the handlers that get what it gives."""
    found: dict[Symbol, list[Symbol]] = {}
    for handler in project[handlers]:
        for provider in project[providers, handler].functions:
            found.setdefault(provider, []).append(handler)
    return {provider: tuple(users) for provider, users in found.items()}


def _provided(facts: Function, each: Session) -> str:
    """How a dependency leaves its session open; `""` when it does not, or when that is not certain."""
    if _is_watched(facts, each.name):
        return ""
    if not facts.is_generator:
        returned = [node.value for node in facts.every(tree.Return)]
        return "returned" if returned and all(_is_it(node, each) for node in returned) else ""
    if not any(isinstance(n, tree.Yield) and _is_it(n.value, each) for n in facts.nodes):
        return ""
    closing = f"{each.name}.close"
    if closing not in facts.calls and f"{each.name}.aclose" not in facts.calls:
        return "yielded"
    tries = facts.every(tree.Try)
    after_error = (part for node in tries for part in (*node.final, *(n for h in node.handlers for n in h.body)))
    return "" if any(_closes(call, each.name) for part in after_error for call in tree.calls(part)) else "skipped"


def _is_it(node: Node | None, each: Session) -> bool:
    return node is not None and (getattr(node, "text", None) == each.name if each.name else node.at == each.at.at)


def _closes(call: tree.Call, name: str) -> bool:
    return getattr(call.func, "text", "") in (f"{name}.close", f"{name}.aclose")


def _is_watched(facts: Function, name: str) -> bool:
    """Whether a session is handed to something that may close it: a call, a block, an object that keeps it."""
    for node in facts.nodes:
        if isinstance(node, tree.Call):
            values = (*node.args, *(keyword.value for keyword in node.keywords))
            if name and any(isinstance(each, tree.Path) and each.root == name for each in values):
                return True
        elif isinstance(node, tree.With):
            if any(isinstance(context, tree.Path) and context.root == name for context, _ in node.items):
                return True
        elif isinstance(node, tree.Assign) and getattr(node.value, "text", "") == name:
            return True
    return False


def _giving(facts: Function, how: str) -> tree.At | None:
    """Where a dependency gives its session away."""
    kind = tree.Return if how == "returned" else tree.Yield
    return next((node.at for node in facts.nodes if isinstance(node, kind)), None)


def _closed_by_users(project: Project, users: tuple[Symbol, ...]) -> bool:
    """Whether some handler closes what it is given."""
    return any(each.of("close") for user in users for each in project[dealings_in, user] if each.origin == "parameter")


def _reached(project: Project) -> dict[Symbol, Symbol]:
    """Function -> the first handler that runs it, handlers first."""
    found: dict[Symbol, Symbol] = {handler: handler for handler in project[handlers]}
    frontier = list(found)
    for function in frontier:
        if len(found) > _MOST:
            break
        for called, _ in project[callees, function]:
            if called not in found:
                found[called] = found[function]
                frontier.append(called)
    return found


def _stays_busy(project: Project, function: Symbol, facts: Function, each: Session) -> bool:
    """Whether a function certainly ends, on some way, with its session in a transaction."""
    name = each.name
    if _is_kept(facts, name) or name in facts.outer:
        return False
    events = {
        event.at: event.kind
        for dealing in project[dealings_in, function]
        if dealing.session == name
        for event in dealing.events
    }
    if not events:
        return False

    def step(state: str, step: Step) -> str:
        for node, _ in order(step.value) if step.value is not None else ():
            if isinstance(node, tree.Call):
                if node.at == each.at.at:
                    state = "open"
                kind = events.get(node.at)
                if kind is not None and state:
                    state = "open" if kind in _IDLE else "busy"
        return state

    try:
        outcome = walk(facts.body, "", step)
    except CyclicFact:
        return False
    return outcome.complete and "busy" in (*outcome.ends, *outcome.returns)


def _is_kept(facts: Function, name: str) -> bool:
    """Whether a session may outlive the function, or may be closed by what it is handed to."""
    if _is_watched(facts, name) or (f"{name}.close" in facts.calls and _in_final(facts, name)):
        return True
    return any(
        isinstance(node, (tree.Return, tree.Yield)) and any(getattr(e, "text", "") == name for e in _parts(node.value))
        for node in facts.nodes
    ) or any(isinstance(node, tree.Def) for node in facts.nodes)


def _parts(node: Node | None) -> Iterator[Node]:
    return tree.walk(node) if node is not None else iter(())


def _in_final(facts: Function, name: str) -> bool:
    tries = facts.every(tree.Try)
    return any(_closes(call, name) for node in tries for call in tree.calls(*node.final))
