"""Objects that are given for a protocol of which they lack something that is asked of them."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of, words
from cdlint.project.classes import class_facts, class_member, descendants, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._handed import Handed, asked, handed
from ._members import lacks

_ASKING = frozenset({"getattr", "hasattr", "isinstance"})


class Unfit(NamedTuple):
    """A class without a method that a protocol asks for, where it is given for it and where that is called."""

    cls: Symbol
    name: str
    protocol: Symbol
    at: Location
    called: Location


def unfit_in(project: Project, path: str) -> tuple[Unfit, ...]:
    """Those that are given in a file."""
    return tuple([each for each in project[unfit] if each.at.path == path])


def unfit(project: Project) -> tuple[Unfit, ...]:
    """Each class once for a protocol."""
    found = []
    for protocol, objects in project[handed].items():
        for each in objects:
            missing = [name for name in asked(project, protocol) if lacks(project, _instance(each.cls), name)]
            for name in missing:
                called = _called(project, protocol, name, each)
                if called is not None:
                    found.append(Unfit(each.cls, name, protocol, each.at, called))
                    break
    return tuple(found)


def plain_implementations(project: Project) -> frozenset[str]:
    """The names of what is promised as an `async def` and is a plain one where it is really called."""
    pairs = [(promise, each.cls) for promise, objects in project[handed].items() for each in objects]
    for path in project.paths:
        for owner in project[_abstract_in, path]:
            pairs.extend((owner, each) for each in project[descendants, owner])
    return frozenset(
        name for promise, cls in pairs for name in project[_asynchronous, promise] if not _is_async(project, cls, name)
    )


def _abstract_in(project: Project, path: str) -> tuple[Symbol, ...]:
    """The classes of a file with abstract coroutine functions."""
    module = None if is_aside(path) else project.module(path)
    owners = [
        each.owner
        for each in (module.functions if module is not None else ())
        if each.is_async and any("abstractmethod" in words(code) for code in each.decorator_codes)
    ]
    return tuple([Symbol("class", path, owner) for owner in dict.fromkeys(owners) if owner])


def _asynchronous(project: Project, promise: Symbol) -> tuple[str, ...]:
    """The coroutine functions that a protocol or an abstract class asks for."""
    facts = class_facts(project, promise)
    return tuple([name for name in facts.methods if _is_async(project, promise, name)]) if facts is not None else ()


def _is_async(project: Project, cls: Symbol, name: str) -> bool:
    method = project[class_member, (cls, name)]
    facts = function_facts(project, method) if isinstance(method, Symbol) else None
    return facts is None or facts.is_async


def _instance(cls: Symbol) -> Symbol:
    return Symbol("instance", cls.path, cls.name)


def _called(project: Project, protocol: Symbol, name: str, each: Handed) -> Location | None:
    """Where what gets the object calls such a method of something that has to have the protocol."""
    for path in project.paths if each.taker is None else (each.taker.path,):
        for function, call in calls_of(project, path, frozenset({name})) if not is_aside(path) else ():
            owner, _, _ = getattr(call.func, "text", "").rpartition(".")
            inside = each.taker is None or f"{function.qualname}.".startswith(f"{each.taker.name}.")
            if owner and inside and function.lasts.isdisjoint(_ASKING):
                value = evaluate(project, (path, function.qualname), tree.Path(owner, call.at))
                if value == _instance(protocol):
                    return Location(path, call.at)
    return None
