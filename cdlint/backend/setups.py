"""Functions that would give an application routes, and that nothing calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..facts import tree
from ..project import Project
from ..project.answers import Symbol, Unknown
from ..project.classes import function_facts, resolve_in
from ..project.objects import Happening, Items, Record, Thing, Trace
from ..project.places import is_aside
from ..project.roots import index
from ..rule import Location
from .books import place
from .mentions import followed
from .wiring import Route, Wiring, operations, reached

_RETURNED = "it is returned by "
_KEPT = (_RETURNED, "it is kept in ")
"""Why applications are out of sight that whoever starts the program gets."""


class Setup(NamedTuple):
    """A function that joins something to an application that it is given, where it is defined, and where it joins.

    With `made`, it does not join a router but makes one and returns it.
    """

    name: str
    at: Location
    joining: Location
    made: bool = False


def uncalled(project: Project, wiring: Wiring, traces: tuple[Trace, ...], joining: frozenset[str]) -> Iterator[Setup]:
    """Functions that nothing calls: they give something to an application by one of `joining`, or return a router.

    Silent where an application goes out of sight, since code that is not seen may then call them.
    """
    made = [each for thing, each in wiring.items() if each.application and not is_aside(thing.path)]
    if not made or any(_is_out_of_sight(project, each.loose) for each in made):
        return
    if any(each.cut for each in traces):
        return
    entered = frozenset[Symbol]().union(*(each.entered for each in traces))
    for each in traces:
        symbol = Symbol("function", each.path, each.function)
        facts = function_facts(project, symbol) if each.function else None
        given = {param.name for param in facts.params} if facts is not None else set()
        joined = next(
            (one for one in each.happenings if _joins(one, each, given, joining) and _brings(wiring, one)), None
        )
        built = _built(wiring, each) if joined is None and facts is not None else None
        if (joined or built) is None or symbol in entered or "." in each.function or is_aside(each.path):
            continue
        if (
            facts is not None
            and not facts.decorator_codes
            and not is_named(project, symbol, followed(traces) - {symbol})
        ):
            at = Location(symbol.path, facts.at)
            yield Setup(symbol.last, at, place(joined) if joined else built or at, joined is None)


def _built(wiring: Wiring, whole: Trace) -> Location | None:
    """Where the router is made that a function returns, if it has routes."""
    for each in whole.happenings:
        thing = each.receiver
        container = wiring.get(thing) if each.kind == "made" and isinstance(thing, Thing) else None
        returned = container is not None and not container.application and container.loose.startswith(_RETURNED)
        if container is not None and returned and operations(wiring, container.thing):
            return place(each)
    return None


def _is_out_of_sight(project: Project, why: str) -> bool:
    """Whether an application goes where the repository's own code may get it; libraries call nothing of that."""
    name = why.removeprefix("it is passed to ").strip("`")
    top = name.partition(".")[0]
    outside = name != why and "." in name and top.isidentifier() and top not in project[index].tops
    return bool(why) and not why.startswith(_KEPT) and not outside


def _joins(happening: Happening, whole: Trace, given: set[str], joining: frozenset[str]) -> bool:
    """Whether something is joined to a parameter of the function, or to what was made for one."""
    if happening.kind != "call" or happening.method.rpartition(".")[2] not in joining:
        return False
    receiver = happening.receiver
    if isinstance(receiver, Unknown):
        return _is_given(receiver, given)
    made = [one for one in whole.happenings if one.kind == "made" and one.receiver == receiver]
    return any(isinstance(value, Unknown) and _is_given(value, given) for one in made for value in one.args)


def _brings(wiring: Wiring, happening: Happening) -> bool:
    """Whether what is joined has routes that are served in no other way."""
    values = [*happening.args, *(value for _, value in happening.keywords)]
    values += [item for value in values if isinstance(value, Items) for item in value.items]
    things = [value for value in values if isinstance(value, Thing) and value in wiring]
    if things:
        state = reached(wiring)
        return any(operations(wiring, each) and state[each] is not True for each in things)
    handlers = {value for value in values if isinstance(value, Symbol) and value.kind in ("function", "class")}
    handlers |= {
        inner for value in values if isinstance(value, Record) for inner in value.args if isinstance(inner, Symbol)
    }
    known = {step.part.handler for each in wiring.values() for step in each.steps if isinstance(step.part, Route)}
    return bool(handlers - known)


def _is_given(value: Unknown, given: set[str]) -> bool:
    why = value.why.removeprefix("parameter ").strip("`")
    return why.partition(".")[0] in given


def is_named(project: Project, symbol: Symbol, known: frozenset[Symbol]) -> bool:
    """Whether any code may mean a function: by its name, in a string, or as an attribute of something unknown.

    What attributes are in the functions of `known` was seen when these were followed.
    """
    quoted = re.compile(rf"\b{re.escape(symbol.last)}\b")
    for path in project.paths:
        module = project.module(path)
        if module is not None and any(each.name == symbol.last and each.renamed for each in module.imports):
            return True  # Under its new name it is called where nothing here looks.
        for function in module.functions if module is not None else ():
            if not function.mentions(symbol.last):
                continue
            seen = Symbol("function", path, function.qualname) in known
            for node in function.nodes:
                if isinstance(node, tree.Constant) and isinstance(node.value, str) and quoted.search(node.value):
                    return True
                if isinstance(node, tree.Attribute) and node.text.endswith(symbol.last) and not seen:
                    return True
                if isinstance(node, tree.Path) and node.last == symbol.last:
                    answer = resolve_in(project, path, function.qualname, node.text)
                    if answer == symbol or (not isinstance(answer, Symbol) and "." in node.text and not seen):
                        return True
    return False
