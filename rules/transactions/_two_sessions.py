"""Instances of one open session that are handed to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import Load, dealings, dealings_in, dealings_of, loads_in
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import function_facts
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._roots import given_by, handlers

_TAKES = frozenset({"add", "add_all", "delete"})
_FREES = frozenset({"expunge", "expunge_all", "close", "make_transient", "make_transient_to_detached", "invalidate"})


class Handed(NamedTuple):
    """An instance that `first` has loaded and that `call` gives to `second`; `through` an object that refers to it."""

    function: Symbol
    name: str
    first: str
    second: str
    loaded: Location
    at: At
    call: str
    through: str


def using_several(project: Project) -> tuple[Symbol, ...]:
    """The functions that deal with more than one session, and handlers that are given instances and a session."""
    found = {function: None for function, each in project[dealings_of].items() if len(each) > 1}
    if project[dealings]:
        for handler in project[handlers]:
            if len(project[given_by, handler]) > 1 and handler in project[dealings_of]:
                found[handler] = None
    return tuple(function for function in sorted(found) if not is_aside(function.path))


def handed(project: Project, function: Symbol) -> Iterator[Handed]:
    """Each instance once."""
    facts = function_facts(project, function)
    if facts is None or not (_FREES - {"close"}).isdisjoint(facts.lasts):
        return
    loads = {each.name: each for each in project[loads_in, function]}
    sessions = _open_sessions(project, function)
    try:
        yield from _followed(project, function, facts, loads, sessions)
        yield from _from_dependencies(project, function, facts)
    except CyclicFact:
        return


def _open_sessions(project: Project, function: Symbol) -> frozenset[str]:
    """The sessions that the function makes, each for itself; any others may be one and the same."""
    scope = (function.path, function.name)
    made = {
        each.session
        for each in project[dealings_in, function]
        if each.origin == "made" and len(project[local_assignments, scope].get(each.session, ())) == 1
    }
    values = {name: project[local_assignments, scope][name][0][0] for name in made}
    return frozenset(name for name, value in values.items() if isinstance(value, tree.Call))


def _followed(
    project: Project, function: Symbol, facts: Function, loads: dict[str, Load], sessions: frozenset[str]
) -> Iterator[Handed]:
    scope = (function.path, function.name)
    loads = {name: load for name, load in loads.items() if load.session in sessions}
    found: dict[str, Handed] = {}

    def step(state: frozenset[str], step: Step) -> frozenset[str]:
        """The state: the names whose instances belong to a session that is open."""
        if step.kind == "leave" and isinstance(step.target, tree.Path):
            state = frozenset(name for name in state if loads[name].session != step.target.text)
        for node, _ in order(step.value) if step.value is not None else ():
            if isinstance(node, tree.Call):
                state = called(state, node)
        if step.kind == "assign" and isinstance(step.target, tree.Path) and step.target.text in loads:
            state |= {step.target.text}
        return state

    def called(state: frozenset[str], call: tree.Call) -> frozenset[str]:
        owner, _, method = getattr(call.func, "text", "").rpartition(".")
        if method == "close":
            return frozenset(name for name in state if loads[name].session != owner)
        if owner in sessions and method in _TAKES and call.args:
            for name, through in _given(project, scope, call.args[0]):
                if name in state and loads[name].session != owner:
                    load = loads[name]
                    place = Location(function.path, load.at)
                    text = f"{owner}.{method}()"
                    found.setdefault(name, Handed(function, name, load.session, owner, place, call.at, text, through))
        return state

    if loads and len(sessions) > 1:
        walk(facts.body, frozenset[str](), step, frozenset.union)
    yield from found.values()


def _given(project: Project, scope: tuple[str, str], value: Node) -> Iterator[tuple[str, str]]:
    """The names whose instances a session gets, itself or through an object that is made of them."""
    for each in value.items if isinstance(value, tree.Sequence) else (value,):
        if isinstance(each, tree.Path) and "." not in each.text:
            yield each.text, ""
            values = project[local_assignments, scope].get(each.text, ())
            made = values[0][0] if len(values) == 1 else None
        else:
            made = each
        if isinstance(made, tree.Call) and getattr(made.func, "last", "")[:1].isupper():
            for keyword in made.keywords:
                if isinstance(keyword.value, tree.Path) and "." not in keyword.value.text:
                    yield keyword.value.text, getattr(made.func, "last", "")


def _from_dependencies(project: Project, function: Symbol, facts: Function) -> Iterator[Handed]:
    """An instance that a dependency has loaded with a session of another kind than the handler's."""
    given = given_by(project, function)
    for call in facts.call_nodes if len(given) > 1 else ():
        owner, _, method = getattr(call.func, "text", "").rpartition(".")
        name = getattr(call.args[0], "text", "") if call.args else ""
        if owner not in given or method not in _TAKES or name not in given:
            continue
        source = given[name]
        inner = function_facts(project, source)
        own = given_by(project, source)
        for load in project[loads_in, source] if inner is not None and not inner.is_generator else ():
            other = own.get(load.session)
            if other is None or other == given[owner] or not _returns(inner, load.name):
                continue
            if _is_generator(project, other) and _is_generator(project, given[owner]):
                place = Location(source.path, load.at)
                yield Handed(function, name, load.session, owner, place, call.at, f"{owner}.{method}()", "")


def _returns(facts: Function | None, name: str) -> bool:
    return facts is not None and any(
        isinstance(node, tree.Return) and getattr(node.value, "text", "") == name for node in facts.nodes
    )


def _is_generator(project: Project, function: Symbol) -> bool:
    facts = function_facts(project, function)
    return facts is not None and facts.is_generator
