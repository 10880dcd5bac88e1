"""The functions that hold a connection of a database driver of their own, which waits for a commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calling
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._commits import may_commit
from ._raw_opened import DRIVERS, driver_of, is_closing, named_in, provided
from ._roots import ends_all, given_by, handlers, providers

_SWITCHES = ("isolation_level", "autocommit", "set_session", "IMMEDIATE", "BEGIN", "COMMIT")


class Held(NamedTuple):
    """A connection that a function has for itself. `leaving` says whether a `with` of it commits.

    `provider` gave it; `lasting` is True when others of the same request may have it as well.
    """

    name: str
    leaving: bool
    provider: Symbol | None
    lasting: bool


def uses_drivers(project: Project) -> bool:
    """Whether code that serves imports such a driver, and nothing in it changes when its connections commit."""
    return any(project[_imports_driver, path] for path in project.paths) and not any(
        project[_switches, path] for path in project.paths
    )


def _imports_driver(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and not is_aside(path) and any(each.module in DRIVERS for each in module.imports)


def _switches(project: Project, path: str) -> bool:
    """Whether a file sets how connections commit, or commits for all requests."""
    module = project.module(path) if not is_aside(path) else None
    functions = module.functions if module is not None else ()
    return any(any(map(each.mentions, _SWITCHES)) for each in functions) or project[ends_all, path]


def holders(project: Project) -> tuple[Symbol, ...]:
    """The functions that may hold a connection of their own and write with it."""
    if not project[uses_drivers]:
        return ()
    names = project[_providing]
    return tuple(symbol for path in project.paths for symbol in project[_holders_in, (path, names)])


def _holders_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Symbol, ...]:
    path, names = key
    module = project.module(path)
    if module is None or is_aside(path) or {"execute", "executemany"}.isdisjoint(project[called_names, path]):
        return ()
    return tuple(
        Symbol("function", path, each.qualname)
        for each in module.functions[1:]
        if not each.is_generator
        and (
            not names.isdisjoint(each.lasts)
            or any(param.default_code is not None or param.annotation_code is not None for param in each.params)
        )
    )


def _providing(project: Project) -> frozenset[str]:
    """The names of `connect` and of the functions that call it."""
    return frozenset({"connect"}).union(*(project[_providing_in, path] for path in project.paths))


def _providing_in(project: Project, path: str) -> frozenset[str]:
    functions = calling(project, path, frozenset({"connect"})) if not is_aside(path) else ()
    return frozenset(each.name for each in functions if each.qualname)


def held_in(project: Project, function: Symbol) -> tuple[Held, ...]:
    """The connections that a function opens itself, or is given for itself."""
    facts = function_facts(project, function)
    return (*_opened_in(project, function, facts), *_given(project, function)) if facts is not None else ()


def _opened_in(project: Project, function: Symbol, facts: Function) -> Iterator[Held]:
    given = {param.name for param in facts.params}
    for name, values in named_in(facts).items():
        if "." in name or name in facts.outer or name in given:
            continue
        found = {_opened(project, (function.path, function.name), value, name) for value in values}
        held = found.pop()
        if held is not None and not found:
            yield held


def _given(project: Project, function: Symbol) -> Iterator[Held]:
    """What the dependencies of a handler give it, when none of them all may commit."""
    given = given_by(project, function) if function in project[handlers] else {}
    made = {name: project[provided, provider] for name, provider in given.items()}
    if any(made.values()):
        above = project[providers, function]
        if above.known and not any(project[may_commit, each] for each in above.functions):
            for name, each in made.items():
                if each is not None:
                    yield Held(name, DRIVERS[each.driver], given[name], True)


def _opened(project: Project, scope: Scope, value: Node, name: str) -> Held | None:
    value = value.value if isinstance(value, tree.Await) else value
    if not isinstance(value, tree.Call):
        return None
    if is_closing(value):
        return _opened(project, scope, value.args[0], name) if value.args else None
    answer = evaluate(project, scope, value.func)
    driver = driver_of(project, scope, value)
    if driver:
        return Held(name, DRIVERS[driver], None, False)
    made = project[provided, answer] if isinstance(answer, Symbol) and answer.kind == "function" else None
    if made is None or not isinstance(answer, Symbol) or project[may_commit, answer]:
        return None
    return Held(name, DRIVERS[made.driver], answer, made.kept)
