"""Uses of asynchronous engines, connections and sessions that only their synchronous twins have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._handles import Handle, handle, overrides
from ._names import is_used, outside_word
from ._statements import Place, receiver_of

_LACKING = {
    "async session": frozenset(
        {"query", "bulk_save_objects", "bulk_insert_mappings", "bulk_update_mappings", "enable_relationship_loading"}
    ),
    "async engine": frozenset({"execute", "scalar", "scalars", "has_table", "table_names"}),
}
"""Methods of the synchronous twin that are not there."""
_FILLING = frozenset({"create_all", "drop_all", "reflect"})
_MAKERS = frozenset({"Session", "sessionmaker"})
_ASYNC_MAKERS = frozenset({"AsyncSession", "async_sessionmaker"})
_CALLS = frozenset().union(*_LACKING.values(), _FILLING, {"inspect"}, _MAKERS, _ASYNC_MAKERS)
_BLOCKS = ("async session", "async connection")
_WORDS = {
    "async session": "asynchronous session", "async engine": "asynchronous engine",
    "async connection": "asynchronous connection", "engine": "synchronous engine",
}  # fmt: skip


class Clash(NamedTuple):
    """A misuse. `kind`: `method`, `metadata`, `inspect`, `maker`, `async maker` or `with`."""

    kind: str
    text: str
    """The method or maker, as the code calls it."""
    what: str
    """What it is used with, in words."""
    at: At


def questions(project: Project) -> tuple[Place, ...]:
    """The functions to look at: only where asynchronous engines or sessions are in use."""
    paths = project.paths if project[is_used] and project[_has_async] else ()
    return tuple(place for path in paths for place in project[_questions_in, path])


def _questions_in(project: Project, path: str) -> tuple[Place, ...]:
    module = project.module(path)
    calls = {function.qualname for function in calling(project, path, _CALLS)}
    return tuple(
        Place(path, function.qualname)
        for function in (module.functions if module is not None else ())
        if function.qualname in calls or _may_enter(function)
    )


def _may_enter(function: Function) -> bool:
    calls = " ".join(function.calls).lower()
    return "session" in calls or ".connect" in calls or ".begin" in calls


def _has_async(project: Project) -> bool:
    return any(project[_async_in, path] for path in project.paths)


def _async_in(project: Project, path: str) -> bool:
    module = project.module(path)
    starts = ("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio")
    return module is not None and any(f"{each.module}.{each.name}".startswith(starts) for each in module.imports)


def clashes(project: Project, place: Place) -> Iterator[Clash]:
    """The misuses in a function."""
    function = project[functions_of, place.path].get(place.qualname)
    for node in tree.walk(*(function.body if function is not None else ())):
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") in _CALLS:
            yield from _called(project, place, node)
        elif isinstance(node, tree.With) and not node.is_async:
            for value, _ in node.items:
                entered = isinstance(value, tree.Call) and not _is_manager(project, place, value)
                found = handle(project, place, value) if entered else None
                if found is not None and found.kind in _BLOCKS and not overrides(project, found, "__enter__"):
                    yield Clash("with", _text(value), _WORDS[found.kind], value.at)


def _is_manager(project: Project, place: Place, call: tree.Call) -> bool:
    """Whether a generator of the repository is called: what it yields is not what a `with` enters."""
    callee = evaluate(project, place, call.func)
    facts = function_facts(project, callee) if isinstance(callee, Symbol) and callee.kind == "function" else None
    return facts is not None and facts.is_generator


def _called(project: Project, place: Place, call: tree.Call) -> Iterator[Clash]:
    name = getattr(call.func, "last", "")
    receiver = receiver_of(call)
    if receiver is not None and any(name in names for names in _LACKING.values()):
        found = handle(project, place, receiver)
        if found is not None and name in _LACKING.get(found.kind, ()) and not overrides(project, found, name):
            yield Clash("method", name, _WORDS[found.kind], call.at)
    if name in _FILLING and receiver is not None:
        found = _given(project, place, call.argument(0, "bind"))
        if found is not None and found.kind in ("async engine", "async connection"):
            yield Clash("metadata", name, _WORDS[found.kind], call.at)
    elif name == "inspect" or name in _MAKERS or name in _ASYNC_MAKERS:
        yield from _made(project, place, call)


def _made(project: Project, place: Place, call: tree.Call) -> Iterator[Clash]:
    if any(each.name is None for each in call.keywords):
        return
    try:
        callee = evaluate(project, place, call.func)
    except CyclicFact:
        return
    word = outside_word(callee.name) if isinstance(callee, Symbol) and callee.kind == "external" else ""
    if word == "inspect":
        found = _given(project, place, call.argument(0, "subject"))
        if found is not None and found.kind in ("async engine", "async connection"):
            yield Clash("inspect", "inspect", _WORDS[found.kind], call.at)
    elif word in _MAKERS and call.keyword("class_") is None:
        found = _given(project, place, call.argument(0, "bind"))
        if found is not None and found.kind == "async engine":
            yield Clash("maker", word, _WORDS[found.kind], call.at)
    elif word in _ASYNC_MAKERS:
        found = _given(project, place, call.argument(0, "bind"))
        if found is not None and found.kind == "engine":
            yield Clash("async maker", word, _WORDS[found.kind], call.at)


def _given(project: Project, place: Place, node: Node | None) -> Handle | None:
    return handle(project, place, node) if node is not None else None


def _text(node: Node) -> str:
    return getattr(node.func, "text", "") if isinstance(node, tree.Call) else ""
