"""Strings that are given to a session or connection as if they were statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import callers_by_name, calling
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._handles import handle, overrides, places
from ._statements import Place, is_local, receiver_of
from ._version import is_two

_METHODS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars", "exec"})
_KINDS = frozenset({"session", "async session", "connection", "async connection"})
_TEXT_METHODS = frozenset({"format", "join", "strip", "lstrip", "rstrip", "replace", "format_map", "lower", "upper"})
_DEPTH = 6


class Raw(NamedTuple):
    """A string in place of a statement."""

    path: str
    scope: str
    method: str
    at: At
    through: tuple[str, At] | None
    """Where a function hands it on to the database: the file and the place of that call."""
    name: str
    """Of that function, or `""`."""


def executing(project: Project) -> tuple[Place, ...]:
    """The functions that give something to the database, where strings are no longer taken."""
    return project[places, _METHODS] if project[is_two] else ()


def raw(project: Project, place: Place) -> Iterator[Raw]:
    """The strings that a function executes itself, or hands on for its callers."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in tree.calls(*(function.body if function is not None else ())):
        method = getattr(call.func, "last", "")
        given = call.argument(0, "statement") if method in _METHODS else None
        receiver = receiver_of(call) if given is not None else None
        if function is None or given is None or receiver is None or isinstance(given, tree.Lambda):
            continue
        is_param = isinstance(given, tree.Path) and _param(function, given.text)
        if not is_param and not is_string(project, place, given, _DEPTH):
            continue
        found = handle(project, place, receiver)
        if found is None or found.kind not in _KINDS or overrides(project, found, method):
            continue
        if is_param:
            yield from _by_callers(project, place, function, given, call, method)
        else:
            yield Raw(place.path, place.qualname, method, given.at, None, "")


def _param(function: Function, name: str) -> bool:
    return any(param.name == name for param in function.params)


def is_string(project: Project, place: Place, node: Node | None, depth: int) -> bool:
    """Whether an expression certainly gives a string."""
    if node is None or depth <= 0:
        return False
    if isinstance(node, tree.Constant):
        return isinstance(node.value, str)
    if isinstance(node, tree.FString):
        return True
    if isinstance(node, tree.Binary):
        return node.op in ("+", "%") and is_string(project, place, node.terms[0], depth - 1)
    if isinstance(node, tree.Conditional):
        return all(is_string(project, place, each, depth - 1) for each in (node.body, node.orelse))
    if isinstance(node, tree.Call):
        receiver = receiver_of(node) if getattr(node.func, "last", "") in _TEXT_METHODS else None
        if receiver is not None:
            return is_string(project, place, receiver, depth - 1)
    if isinstance(node, tree.Path) and "." not in node.text and is_local(project, place, node.text):
        return _local_is_string(project, place, node.text, depth)
    if not isinstance(node, (tree.Path, tree.Call)):
        return False
    try:
        answer = evaluate(project, place, node)
    except CyclicFact:
        return False
    if isinstance(answer, Symbol) and answer.name == "builtins.str()":
        return True
    return isinstance(node, tree.Path) and _variable_is_string(project, place, node.text, depth)


def _local_is_string(project: Project, place: Place, name: str, depth: int) -> bool:
    function = project[functions_of, place.path][place.qualname]
    if _param(function, name):
        return False
    values = []
    for node in function.nodes:
        if isinstance(node, tree.AugAssign) and isinstance(node.target, tree.Path) and node.target.text == name:
            continue
        if isinstance(node, tree.Assign) and [t for t in node.targets if isinstance(t, tree.Path) and t.text == name]:
            if not _refers(node.value, name):
                values.append(node.value)
            elif not isinstance(node.value, (tree.Binary, tree.FString)):
                return False
    # A loop, an unpacking or a `with` gives the name something that is not seen.
    seen = [value for value, _ in project[local_assignments, place].get(name, ()) if value is not None]
    return (
        bool(values)
        and len(seen) == len(values)
        and all(is_string(project, place, value, depth - 1) for value in values)
    )


def _refers(node: Node | None, name: str) -> bool:
    return any(isinstance(each, tree.Path) and each.root == name for each in tree.walk(node))


def _variable_is_string(project: Project, place: Place, text: str, depth: int) -> bool:
    """Whether a variable of a module or class is only ever given strings."""
    answer = resolve_in(project, place.path, place.qualname, text)
    module = project.module(answer.path) if isinstance(answer, Symbol) and answer.kind == "variable" else None
    if module is None or not isinstance(answer, Symbol):
        return False
    owner, _, name = answer.name.rpartition(".")
    cls = next((each for each in module.classes if each.qualname == owner), None) if owner else None
    bindings = [each for each in (cls.fields if cls else module.bindings) if each.name == name]
    return bool(bindings) and all(
        each.kind == "assign"
        and is_string(project, Place(answer.path, owner if cls is None else ""), each.value, depth - 1)
        for each in bindings
    )


def _by_callers(
    project: Project, place: Place, function: Function, given: tree.Path, call: tree.Call, method: str
) -> Iterator[Raw]:
    """The strings that callers of a function give for the statement it executes."""
    name = given.text
    if _reassigned(project, place, function, name) or function.name.startswith("__"):
        return
    target = Symbol("function", place.path, place.qualname)
    for path, qualname in project[_callers_named, function.name]:
        there = Place(path, qualname)
        for each in tree.calls(*project[functions_of, path][qualname].body):
            if getattr(each.func, "last", "") != function.name or any(key.name is None for key in each.keywords):
                continue
            try:
                called = evaluate(project, there, each.func)
            except CyclicFact:
                continue
            argument = _argument(function, each, name) if called == target else None
            if argument is not None and is_string(project, there, argument, _DEPTH):
                yield Raw(path, qualname, method, argument.at, (place.path, call.at), function.name)


def _argument(function: Function, call: tree.Call, name: str) -> Node | None:
    params = [each for each in function.params if each.kind in ("positional", "positional-only", "keyword")]
    if function.owner and not any(getattr(each, "last", "") == "staticmethod" for each in function.decorators):
        params = params[1:]
    position = next((index for index, each in enumerate(params) if each.name == name), None)
    if position is None:
        return None
    return call.argument(position if params[position].kind != "keyword" else 99, name)


def _reassigned(project: Project, place: Place, function: Function, name: str) -> bool:
    if name in project[local_assignments, place]:
        return True
    # `if isinstance(statement, str): ...` lets strings in on purpose.
    return any(
        isinstance(node, tree.Call)
        and getattr(node.func, "last", "") == "isinstance"
        and node.args
        and getattr(node.args[0], "text", "") == name
        for node in function.nodes
    )


def _callers_named(project: Project, name: str) -> tuple[tuple[str, str], ...]:
    paths = (path for path in project.paths if name in project[callers_by_name, path])
    return tuple((path, qualname) for path in paths for qualname in project[_callers_in, (path, name)])


def _callers_in(project: Project, key: tuple[str, str]) -> tuple[str, ...]:
    path, name = key
    return tuple(dict.fromkeys(each.qualname for each in calling(project, path, frozenset({name}))))
