"""Loops over the rows of a query in which every row asks the database again, by a query of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import Event, dealings
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling, words
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.places import is_aside

from ._names import is_revision, is_script
from ._statements import Place, receiver_of, value_of

_MANY = ("scalars", "execute", "exec", "query", "stream", "stream_scalars")
_ASKING = frozenset((*_MANY, "scalar", "get", "get_one"))
_COLLECTING = frozenset({"list", "tuple", "set", "sorted", "reversed", "enumerate"})
_FEW = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "get", "partitions"})
_ENDING = ("write", "flush", "commit", "rollback", "close")
_JOBS = re.compile(
    r"(?:^|[/_])(?:tasks?|jobs?|workers?|background|cron|commands?|cli|celery|scheduler|scheduled)(?:[/_.])"
)
"""What runs where nobody waits for it."""
_WORK = re.compile(r"_?(?:delete|remove|update|create|save|insert|upsert|mark|store|send|sync|process)(?:_|$)")
"""The names of what changes things."""
_OF_PLAIN = frozenset({"update", "remove"})
"""What dicts and lists have as well."""
_STOPS = (tree.Return, tree.Raise, tree.Jump)
_WAYS = ("", "break")
_SMALL = 10
_DEPTH = 3


class RowQuery(NamedTuple):
    """A call that asks the database for every row: itself, or in the function that it calls (`inside`)."""

    at: At
    text: str
    rows: At
    inside: tuple[Symbol, At] | None


class _Round(NamedTuple):
    target: Node
    iterable: Node
    body: tuple[Node, ...]


def asking(project: Project) -> dict[Symbol, tuple[Event, ...]]:
    """The functions that ask a session for something, with all that they do with sessions."""
    found: dict[Symbol, tuple[Event, ...]] = {}
    for each in project[dealings]:
        found[each.function] = (*found.get(each.function, ()), *each.events)
    return {function: events for function, events in found.items() if any(map(_asks, events))}


def _asks(event: Event) -> bool:
    return event.kind == "read" and event.what.removesuffix("()").rpartition(".")[2] in _ASKING


def looping(project: Project) -> tuple[Place, ...]:
    """The functions with a loop that may ask in every round."""
    known = project[asking]
    names = frozenset(each.name.rpartition(".")[2] for each in known) | _ASKING if known else frozenset()
    if not names:
        return ()
    return tuple(place for path in project.paths if not is_aside(path) for place in project[_looping_in, (path, names)])


def _looping_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Place, ...]:
    path, names = key
    if project[_is_job, path]:
        return ()
    return tuple(
        Place(path, function.qualname)
        for function in calling(project, path, names)
        if function.qualname
        and not any("command" in words(code) for code in function.decorator_codes)
        and (function.holds(tree.For) or function.every(tree.Comprehension))
    )


def _is_job(project: Project, path: str) -> bool:
    return _JOBS.search(path) is not None or is_revision(project, path) or project[is_script, path]


def row_queries(project: Project, place: Place) -> tuple[RowQuery, ...]:
    """The queries in the loops of a function that run for every row of another, the first of each loop."""
    function = project[functions_of, place.path].get(place.qualname)
    found = []
    for each in _rounds(function) if function is not None else ():
        if not _changes(project, place, each) and is_rows(project, place, each.iterable):
            query = _asked(project, place, each)
            if query is not None:
                found.append(query)
    return tuple(found)


def _rounds(function: Function) -> Iterator[_Round]:
    for node in function.nodes:
        if isinstance(node, tree.For):
            if not any(
                isinstance(each, _STOPS) and getattr(each, "kind", "") in _WAYS for each in tree.walk(*node.body)
            ):
                yield _Round(node.target, node.iterable, node.body)
        elif isinstance(node, tree.Comprehension):
            first, *others = node.generators
            body = (node.element, node.value, *first.conditions, *(each.iterable for each in others))
            yield _Round(first.target, first.iterable, tuple(each for each in body if each is not None))


def _changes(project: Project, place: Place, each: _Round) -> bool:
    """Whether a loop changes something: it is a job to be done, and no list to be shown."""
    events = project[asking].get(Symbol("function", place.path, place.qualname), ())
    spans = [node.at for node in each.body]
    if any(event.kind in _ENDING and any(tree.within(event.at, at) for at in spans) for event in events):
        return True
    calls = (getattr(call.func, "last", "") for call in tree.calls(*each.body))
    return any(name not in _OF_PLAIN and _WORK.match(name) for name in calls)


# What is looped over


def is_rows(project: Project, place: Place, node: Node | None, depth: int = _DEPTH) -> bool:
    """Whether an expression is certainly the rows of a query, and not few of them."""
    if node is None or depth <= 0:
        return False
    if isinstance(node, tree.Await):
        return is_rows(project, place, node.value, depth)
    if isinstance(node, tree.Comprehension):
        return node.kind != "dict" and is_rows(project, place, node.generators[0].iterable, depth)
    if isinstance(node, tree.Path):
        held = project[local_assignments, place].get(node.text, ())
        return len(held) == 1 and is_rows(project, place, held[0][0], depth)
    if not isinstance(node, tree.Call):
        return False
    if getattr(node.func, "text", "") in _COLLECTING and node.args:
        return is_rows(project, place, node.args[0], depth)
    return _is_called(project, place, node, depth)


def _is_called(project: Project, place: Place, node: tree.Call, depth: int) -> bool:
    events = project[asking].get(Symbol("function", place.path, place.qualname), ())
    reads = {event.at: event for event in events if _asks(event)}
    chain: Node | None = node
    while chain is not None:
        if isinstance(chain, tree.Call):
            last = getattr(chain.func, "last", "")
            if chain.at in reads:
                return last in _MANY and not _is_small(project, place, node)
            if last in _FEW:
                return False
            called = value_of(project, place, chain.func)
            if isinstance(called, Symbol) and called in project[asking]:
                return chain is node and project[_gives_rows, (called, depth - 1)]
            chain = receiver_of(chain)
        elif isinstance(chain, (tree.Await, tree.Attribute)):
            chain = chain.value
        else:
            return False
    return False


def _is_small(project: Project, place: Place, node: tree.Call) -> bool:
    """Whether a query asks for a handful of rows."""
    nodes = [*tree.walk(node)]
    for each in list(nodes):
        if isinstance(each, tree.Path):
            nodes.extend(
                inner for value, _ in project[local_assignments, place].get(each.text, ()) for inner in tree.walk(value)
            )
    limits = [each for each in nodes if isinstance(each, tree.Call) and getattr(each.func, "last", "") == "limit"]
    given = [each.args[0].value for each in limits if each.args and isinstance(each.args[0], tree.Constant)]
    return any(isinstance(each, int) and each <= _SMALL for each in given)


def _gives_rows(project: Project, key: tuple[Symbol, int]) -> bool:
    """Whether a function returns the rows of a query of its own."""
    symbol, depth = key
    facts = function_facts(project, symbol)
    returned = [each.value for each in facts.every(tree.Return)] if facts is not None else []
    place = Place(symbol.path, symbol.name)
    return bool(returned) and all(is_rows(project, place, each, depth) for each in returned)


# What is asked in every round


def _asked(project: Project, place: Place, each: _Round) -> RowQuery | None:
    events = project[asking].get(Symbol("function", place.path, place.qualname), ())
    reads = {event.at: event for event in events if _asks(event)}
    names = {node.text for node in tree.walk(each.target) if isinstance(node, tree.Path)}
    for node in _steady(each.body):
        if isinstance(node, tree.Assign) and node.value is not None and _speaks(node.value, names):
            names |= {one.text for one in tree.walk(*node.targets) if isinstance(one, tree.Path)}
        if not isinstance(node, tree.Call) or not any(_speaks(one, names) for one in _arguments(node)):
            continue
        start = _start(node, reads)
        if start is not None:
            return RowQuery(start.at, getattr(start.func, "text", "") or "...", each.iterable.at, None)
        called = value_of(project, place, node.func)
        inside = _reads_always(project, called) if isinstance(called, Symbol) else None
        if inside is not None and isinstance(called, Symbol):
            return RowQuery(node.at, getattr(node.func, "text", "") or "...", each.iterable.at, (called, inside))
    return None


def _start(call: tree.Call, reads: dict[At, Event]) -> tree.Call | None:
    """The call that asks, which a chain of calls begins with."""
    node: Node | None = call
    while isinstance(node, (tree.Call, tree.Await, tree.Attribute)):
        if isinstance(node, tree.Call) and node.at in reads:
            return node
        node = receiver_of(node) if isinstance(node, tree.Call) else node.value
    return None


def _arguments(call: tree.Call) -> tuple[Node, ...]:
    return (*call.args, *(keyword.value for keyword in call.keywords))


def _leaves(node: Node) -> bool:
    """Whether a round ends with a statement, on the plain way into what holds it."""
    if isinstance(node, (tree.Try, tree.With)):
        return bool(node.body) and _leaves(node.body[-1])
    return isinstance(node, (tree.Return, tree.Raise)) or (isinstance(node, tree.Jump) and node.kind != "pass")


def _speaks(node: Node, names: set[str]) -> bool:
    return any(isinstance(each, tree.Path) and each.root in names for each in tree.walk(node))


def _reads_always(project: Project, called: Symbol) -> At | None:
    """Where a function asks the database each time that it is called."""
    events = project[asking].get(called)
    facts = function_facts(project, called) if events is not None else None
    if facts is None or events is None or facts.decorator_codes or any(each.kind in _ENDING for each in events):
        return None
    if any(_WORK.match(call.rpartition(".")[2]) for call in facts.calls):
        return None
    reads = {event.at for event in events if _asks(event)}
    return next((each.at for each in _steady(facts.body) if isinstance(each, tree.Call) and each.at in reads), None)


def _steady(nodes: tuple[Node, ...]) -> Iterator[Node]:
    """The parts of statements that run whenever these do, in source order."""
    for node in nodes:
        if isinstance(node, tree.If):
            yield from _steady((node.test,))
            if any(_leaves(each) for each in node.body):
                return
        elif isinstance(node, tree.Conditional):
            yield from _steady((node.test,))
        elif isinstance(node, tree.Boolean):
            yield from _steady(node.values[:1])
        elif isinstance(node, tree.Try):
            yield from _steady(node.body)
        elif isinstance(node, (tree.For, tree.Comprehension)):
            iterable = node.iterable if isinstance(node, tree.For) else node.generators[0].iterable
            yield from _steady((iterable,))
        elif not isinstance(node, (tree.While, tree.Match, tree.Lambda)):
            yield from _steady(tuple(each for each in tree.children(node) if each is not None))
            yield node
