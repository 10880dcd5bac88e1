"""Functions of the repository that give their caller's statement to a database, and the calls of them."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Param
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import words
from cdlint.project.classes import functions_of

from ._sites import METHODS, Place, Reader, Site, direct, driver_of, statements, text_call, value_of

_UNKNOWN = tree.Path("?", (0, 0, 0, 0))
"""Stands for values of which nothing is known."""


class Forwarder(NamedTuple):
    """A function that executes a parameter. `values` is the parameter with its values, `""` for none, None unknown."""

    function: Symbol
    driver: str
    method: str
    text: str
    values: str | None
    spread: bool
    """Whether the values are given one by one."""


def forwarders(project: Project) -> dict[str, tuple[Forwarder, ...]]:
    """Those of the repository by the names of the functions."""
    found: dict[str, tuple[Forwarder, ...]] = {}
    for place in project[direct]:
        each = project[_forwarder, place]
        if each is not None:
            name = each.function.name.rpartition(".")[2]
            found[name] = (*found.get(name, ()), each)
    return found


def _forwarder(project: Project, place: Place) -> Forwarder | None:
    function = project[functions_of, place.path].get(place.qualname)
    params = {each.name: each for each in function.params} if function is not None else {}
    if function is None or not place.qualname or not params or function.is_generator:
        return None
    written = project[local_assignments, place]
    found = set()
    for call in function.call_nodes:
        name = getattr(call.func, "last", "")
        if name not in METHODS or not call.args:
            continue
        inner, bound, _ = text_call(project, place, call.args[0])
        text = inner or call.args[0]
        if bound or not isinstance(text, tree.Path) or text.text not in params or text.text in written:
            continue
        driver = "text" if inner is not None else driver_of(project, place, call, name)
        if driver and params[text.text].kind in ("positional", "positional-only", "keyword"):
            values, spread = _passed(call, params, written)
            symbol = Symbol("function", place.path, place.qualname)
            found.add(Forwarder(symbol, driver, name, text.text, values, spread))
    return found.pop() if len(found) == 1 else None


def _passed(call: tree.Call, params: dict[str, Param], written: Container[str]) -> tuple[str | None, bool]:
    """The parameter that goes on as the values, and whether one by one."""
    if len(call.args) == 1 and not call.keywords:
        return "", False
    given = call.args[1] if len(call.args) == 2 else call.argument(1, "parameters")
    spread = isinstance(given, tree.Starred)
    inner = given.value if isinstance(given, tree.Starred) else given
    if not isinstance(inner, tree.Path) or inner.text not in params or inner.text in written:
        return None, False
    return (inner.text, spread) if not spread or params[inner.text].kind == "*" else (None, False)


def statement(project: Project, place: Place, call: tree.Call) -> tuple[Forwarder, Node, tuple[Param, ...]] | None:
    """The function that a call gives a statement to, the statement, and the parameters that the call fills."""
    candidates = project[forwarders].get(getattr(call.func, "last", ""), ())
    answer = value_of(project, place, call.func) if candidates else None
    each = next((one for one in candidates if one.function == answer), None)
    target = project[functions_of, each.function.path].get(each.function.name) if each is not None else None
    if each is None or target is None:
        return None
    is_bound = bool(target.owner) and not any("staticmethod" in words(code) for code in target.decorator_codes)
    params = target.params[1:] if is_bound else target.params
    given = _argument(call, params, each.text)
    return (each, given, params) if given is not None else None


def forwarded(project: Project, place: Place, reader: Reader) -> Iterator[Site]:
    """The statements that a function gives to such functions."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in function.call_nodes if function is not None else ():
        found = statement(project, place, call)
        if found is not None:
            each, given, params = found
            as_written = tree.Call(call.func, (given, *_values(call, params, each)), (), call.at)
            for text in statements(project, place, given, reader):
                yield Site(each.driver, each.method, text, given.at, as_written, False)


def _argument(call: tree.Call, params: tuple[Param, ...], name: str) -> Node | None:
    taken = [each.name for each in params if each.kind in ("positional", "positional-only")]
    return call.argument(taken.index(name), name) if name in taken else call.keyword(name)


def _values(call: tree.Call, params: tuple[Param, ...], each: Forwarder) -> tuple[Node, ...]:
    """The values as the function gives them to the database."""
    if each.values is None or any(keyword.name is None for keyword in call.keywords):
        return (_UNKNOWN if each.driver != "asyncpg" else tree.Starred(_UNKNOWN, call.at),)
    param = next((one for one in params if one.name == each.values), None)
    if param is None:
        return () if not each.values else (_UNKNOWN,)
    if param.kind == "*":
        rest = call.args[sum(one.kind in ("positional", "positional-only") for one in params) :]
        return rest if each.spread else (tree.Sequence("tuple", rest, call.at),)
    hidden = any(isinstance(one, tree.Starred) for one in call.args)
    given = _argument(call, params, each.values) or (None if hidden else param.default)
    return (given if given is not None else _UNKNOWN,)
