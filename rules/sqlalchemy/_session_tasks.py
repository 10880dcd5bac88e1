"""Asynchronous sessions that several tasks use at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import Dealing, dealings, dealings_in
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling, target
from cdlint.project.classes import function_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Location

_TOGETHER = frozenset({"asyncio.gather", "asyncio.wait", "asyncio.as_completed", "asyncio.tasks.gather"})
_TASKS = frozenset({"create_task", "ensure_future", "start_soon"})
_WAITING = frozenset({"execute", "exec", "scalar", "scalars", "get", "get_one", "flush", "commit", "refresh", "stream",
                      "rollback", "delete", "merge", "stream_scalars", "run_sync"})  # fmt: skip
_GUARDS = ("lock", "semaphore", "mutex", "limiter")
_DEPTH = 4


class Sharing(NamedTuple):
    """A session that the branches of one call, or of one group of tasks, use together."""

    function: Symbol
    session: str
    at: At
    how: str
    uses: tuple[tuple[str, Location], ...]
    """What the branches call, and where each uses the session."""


class _Branch(NamedTuple):
    session: str
    callee: str
    leaf: Location
    many: bool


def spawning(project: Project) -> tuple[Symbol, ...]:
    """The functions that run several things at the same time, where sessions are known."""
    if not any("async" in each.value.lower() for each in project[dealings]):
        return ()
    return tuple(symbol for path in project.paths for symbol in project[_spawning_in, path])


def _spawning_in(project: Project, path: str) -> tuple[Symbol, ...]:
    words = _TASKS | {"gather", "wait", "as_completed"}
    functions = calling(project, path, words) if not is_aside(path) else ()
    return tuple(Symbol("function", path, each.qualname) for each in functions if each.is_async)


def sharings(project: Project, function: Symbol) -> Iterator[Sharing]:
    """The sessions that run into each other in a function."""
    facts = function_facts(project, function)
    if facts is None:
        return
    try:
        for at, how, branches in _groups(project, function, facts):
            by: dict[str, list[_Branch]] = {}
            for branch in branches:
                by.setdefault(branch.session, []).append(branch)
            for session, mine in by.items():
                if len(mine) > 1 or mine[0].many:
                    places = tuple(dict.fromkeys((each.callee, each.leaf) for each in mine))
                    yield Sharing(function, session, at, how, places)
    except CyclicFact:
        return


def _groups(project: Project, function: Symbol, facts: Function) -> Iterator[tuple[At, str, list[_Branch]]]:
    """What runs together: the arguments of one call, or the tasks of one block."""
    scope = (function.path, function.name)
    for call in facts.call_nodes:
        if getattr(call.func, "last", "") in ("gather", "wait", "as_completed"):
            answer = evaluate(project, scope, call.func)
            if isinstance(answer, Symbol) and answer.name in _TOGETHER:
                branches = [b for arg in call.args for b in _branches(project, function, facts, arg, False)]
                yield call.at, call.func.text, branches
    for node in facts.nodes:
        if isinstance(node, tree.With):
            names = {name.text for _, name in node.items if isinstance(name, tree.Path)}
            spawned = list(_spawned(node.body, names, False))
            branches = [
                _Branch(*found[:3], found.many or many)
                for call, many in spawned
                for found in _of_task(project, function, facts, call)
            ]
            if branches:
                yield spawned[0][0].at, spawned[0][0].func.text, branches


def _spawned(block: tuple[Node, ...], groups: set[str], many: bool) -> Iterator[tuple[tree.Call, bool]]:
    """The tasks that a block starts in one of its groups; whether in a loop."""
    for node in block:
        looped = many or isinstance(node, (tree.For, tree.While))
        for call in tree.calls(node):
            if isinstance(call.func, tree.Path) and call.func.last in _TASKS and call.func.root in groups:
                yield call, looped


def _of_task(project: Project, function: Symbol, facts: Function, call: tree.Call) -> Iterator[_Branch]:
    if call.func.last == "start_soon" and call.args and isinstance(call.args[0], tree.Path):
        made = tree.Call(call.args[0], call.args[1:], (), call.at)
        yield from _branches(project, function, facts, made, False)
    elif call.args:
        yield from _branches(project, function, facts, call.args[0], False)


def _branches(
    project: Project, function: Symbol, facts: Function, node: Node | None, many: bool, depth: int = 3
) -> Iterator[_Branch]:
    """The coroutines that an argument stands for, each with the session that it uses."""
    scope = (function.path, function.name)
    if node is None or depth == 0:
        return
    if isinstance(node, tree.Starred):
        yield from _branches(project, function, facts, node.value, many, depth)
    elif isinstance(node, tree.Comprehension):
        made = {each.text for g in node.generators for each in tree.walk(g.target) if isinstance(each, tree.Path)}
        for found in _branches(project, function, facts, node.element, True, depth):
            if found.session.partition(".")[0] not in made:
                yield found
    elif isinstance(node, tree.Sequence):
        for item in node.items:
            yield from _branches(project, function, facts, item, many, depth)
    elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in _TASKS:
        yield from _branches(project, function, facts, node.args[0] if node.args else None, many, depth)
    elif isinstance(node, tree.Call):
        for session, leaf in _used_by(project, scope, node, _DEPTH):
            yield _Branch(session, getattr(node.func, "text", "..."), leaf, many)
    elif isinstance(node, tree.Path) and "." not in node.text:
        for value, _ in project[local_assignments, scope].get(node.text, ()):
            yield from _branches(project, function, facts, value, many, depth - 1)
        yield from _appended(project, function, facts, node.text, depth - 1)


def _appended(project: Project, function: Symbol, facts: Function, name: str, depth: int) -> Iterator[_Branch]:
    """What a loop appends to a list of coroutines."""
    for node in facts.nodes:
        if isinstance(node, (tree.For, tree.While)):
            for call in tree.calls(*node.body):
                if getattr(call.func, "text", "") == f"{name}.append" and call.args:
                    yield from _branches(project, function, facts, call.args[0], True, depth)


def _used_by(project: Project, scope: Scope, call: tree.Call, depth: int) -> Iterator[tuple[str, Location]]:
    """The sessions, as the caller writes them, on which running a coroutine waits."""
    own = project[dealings_in, Symbol("function", *scope)]
    for dealing in own:
        if isinstance(call.func, tree.Path) and call.func.text.rpartition(".")[0] == dealing.session:
            if _is_async(dealing) and call.func.last in _WAITING:
                yield _name(dealing, dealing.session), Location(scope[0], call.at)
            return
    called = target(project, evaluate(project, scope, call.func))
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None or not facts.is_async or _is_guarded(facts):
        return
    for session, leaf in project[_waits_on, (called, depth)]:
        seen = _seen_from(call, facts, called, scope, session)
        if seen:
            yield seen, leaf


def _waits_on(project: Project, key: tuple[Symbol, int]) -> tuple[tuple[str, Location], ...]:
    """The sessions, in a function's own terms, that it waits on whenever it gets so far."""
    function, depth = key
    found: dict[str, Location] = {}
    for dealing in project[dealings_in, function]:
        event = next((each for each in dealing.events if each.what[:-2].rpartition(".")[2] in _WAITING), None)
        if event is not None and _is_async(dealing) and dealing.origin != "made":
            found.setdefault(_name(dealing, dealing.session), Location(function.path, event.at))
    facts = function_facts(project, function)
    if facts is not None and depth > 1:
        for node in facts.nodes:
            if isinstance(node, tree.Await) and isinstance(node.value, tree.Call):
                for session, leaf in _used_by(project, (function.path, function.name), node.value, depth - 1):
                    found.setdefault(session, leaf)
    return tuple(found.items())


def _name(dealing: Dealing, session: str) -> str:
    return f"={session}" if dealing.origin == "shared" else session


def _is_async(dealing: Dealing) -> bool:
    plain = "scoped" not in dealing.value and not dealing.is_connection
    return plain and "async" in dealing.value.lower()


def _is_guarded(facts: Function) -> bool:
    """Whether a function lets only one task at a time through."""
    return any(
        isinstance(node, tree.With) and any(guard in repr(context).lower() for context, _ in node.items)
        for node in facts.nodes
        for guard in _GUARDS
    )


def _seen_from(call: tree.Call, inner: Function, called: Symbol, scope: Scope, session: str) -> str:
    """How the caller writes a session of the function that it calls; `""` when it has no name for it."""
    if session.startswith("="):
        return session
    root, _, rest = session.partition(".")
    position = next((i for i, param in enumerate(inner.params) if param.name == root), -1)
    if position < 0:
        # A function inside the caller sees the caller's names.
        nested = called.path == scope[0] and called.name.startswith(f"{scope[1]}.") and root not in inner.binds
        return session if nested else ""
    method = bool(inner.owner) and inner.params[0].name in ("self", "cls")
    if method and position == 0:
        receiver = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
        return f"{receiver}.{rest}" if receiver and rest else ""
    value = call.argument(position - method, root)
    if not isinstance(value, tree.Path):
        return ""
    return f"{value.text}.{rest}" if rest else value.text
