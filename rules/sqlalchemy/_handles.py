"""What reaches the database in an expression: a session, an engine, a connection, and whether it is asynchronous."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling
from cdlint.project.classes import ancestry, class_member, function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._names import PACKAGES, is_used
from ._statements import Place, receiver_of, value_of

_ROOTS = {
    "Session()": "session", "scoped_session()": "session", "scoped_session()()": "session",
    "sessionmaker()": "factory", "sessionmaker()()": "session",
    "AsyncSession()": "async session", "async_scoped_session()": "async session",
    "async_scoped_session()()": "async session",
    "async_sessionmaker()": "async factory", "async_sessionmaker()()": "async session",
    "create_engine()": "engine", "engine_from_config()": "engine", "Engine()": "engine",
    "create_async_engine()": "async engine", "async_engine_from_config()": "async engine",
    "AsyncEngine()": "async engine", "Connection()": "connection", "AsyncConnection()": "async connection",
    "SQLAlchemy()": "flask",
}  # fmt: skip
_STEPS = {
    ("flask", "session"): "session", ("flask", "session()"): "session", ("flask", "engine"): "engine",
    ("flask", "get_engine()"): "engine", ("factory", "begin()"): "session", ("session", "begin()"): "",
    ("session", "connection()"): "connection", ("engine", "connect()"): "connection",
    ("engine", "begin()"): "connection",
    ("async factory", "begin()"): "async session", ("async session", "connection()"): "async connection",
    ("async session", "sync_session"): "session", ("async engine", "connect()"): "async connection",
    ("async engine", "begin()"): "async connection", ("async engine", "sync_engine"): "engine",
    ("async connection", "sync_connection"): "connection", ("async connection", "get_raw_connection()"): "",
}  # fmt: skip
_KEEPING = frozenset({"execution_options()", "__enter__()", "__aenter__()", "start()"})
_DEPTH = 6


class Handle(NamedTuple):
    """`kind`: `session`, `factory`, `engine`, `connection` (each also with `async ` before it) or `flask`."""

    kind: str
    maker: str
    """The word that it starts from, such as `AsyncSession`."""
    own: Symbol | None = None
    """The class of the repository that it is of."""


def places(project: Project, methods: frozenset[str]) -> tuple[Place, ...]:
    """The functions that call a method of one of these names, in a repository that uses SQLAlchemy."""
    paths = project.paths if project[is_used] else ()
    return tuple(place for path in paths for place in project[_places_in, (path, methods)])


def _places_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Place, ...]:
    path, methods = key
    return tuple(
        Place(path, function.qualname)
        for function in calling(project, path, methods)
        if any("." in call and call[call.rfind(".") + 1 :] in methods for call in function.calls)
    )


def handle(project: Project, place: Place, node: Node, depth: int = _DEPTH) -> Handle | None:
    """What an expression is, when it certainly is one of these."""
    if depth <= 0:
        return None
    try:
        answer = evaluate(project, place, node)
    except CyclicFact:
        return None
    if isinstance(answer, Symbol):
        return _of_symbol(project, answer)
    return _followed(project, place, node, depth)


def _of_symbol(project: Project, answer: Symbol) -> Handle | None:
    if answer.kind == "external":
        return named(answer.name)
    if answer.kind != "instance":
        return None
    own = Symbol("class", answer.path, answer.name)
    for base in project[ancestry, own].external:
        found = named(f"{base}()")
        if found is not None and found.kind != "flask":
            return found._replace(own=own)
    return None


def overrides(project: Project, found: Handle, method: str) -> bool:
    """Whether the value is of a class of the repository that has such a method of its own."""
    own = project[class_member, (found.own, method)] if found.own is not None else None
    return found.own is not None and not (isinstance(own, Symbol) and own.kind == "external")


def named(value: str) -> Handle | None:
    """The kind of a value outside, from the expression that makes it."""
    package, _, rest = value.partition(".")
    if package not in PACKAGES or "[" in value:
        return None
    parts = rest.split(".")
    start = next((index for index, part in enumerate(parts) if part in _ROOTS), None)
    if start is None or any("(" in part for part in parts[:start]):
        return None
    kind = _ROOTS[parts[start]]
    for part in parts[start + 1 :]:
        if part not in _KEEPING:
            kind = _STEPS.get((kind, part), "")
        if not kind:
            return None
    return Handle(kind, parts[start].partition("(")[0])


def _followed(project: Project, place: Place, node: Node, depth: int) -> Handle | None:
    """The same through functions that do not say what they return."""
    if isinstance(node, tree.Await):
        return handle(project, place, node.value, depth - 1)
    if isinstance(node, tree.Call):
        made = _returned(project, place, node, depth)
        receiver = receiver_of(node) if made is None else None
        owner = handle(project, place, receiver, depth - 1) if receiver is not None else None
        return made or (_step(owner, f"{getattr(node.func, 'last', '')}()") if owner is not None else None)
    if isinstance(node, tree.Path):
        owner_text, _, last = node.text.rpartition(".")
        if owner_text:
            owner = handle(project, place, node._replace(text=owner_text), depth - 1)
            return _step(owner, last) if owner is not None else None
        return _local(project, place, node.text, depth)
    return None


def _step(owner: Handle, part: str) -> Handle | None:
    if part in _KEEPING:
        return owner
    kind = _STEPS.get((owner.kind, part), "")
    return Handle(kind, owner.maker) if kind else None


def _local(project: Project, place: Place, name: str, depth: int) -> Handle | None:
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return None
    values = [value for value, _ in project[local_assignments, place].get(name, ())]
    param = next((each for each in function.params if each.name == name), None)
    if param is not None:
        if values or param.annotation_code is not None or not isinstance(param.default, tree.Call):
            return None
        marker = param.default
        if getattr(marker.func, "last", "") != "Depends" or len(marker.args) != 1:
            return None
        outer = Place(place.path, place.qualname.rpartition(".")[0])
        return _result(project, value_of(project, outer, marker.args[0]), depth)
    found = {handle(project, place, value, depth - 1) if value is not None else None for value in values}
    return found.pop() if len(found) == 1 else None


def _returned(project: Project, place: Place, call: tree.Call, depth: int) -> Handle | None:
    return _result(project, value_of(project, place, call.func), depth)


def _result(project: Project, callee: Answer | None, depth: int) -> Handle | None:
    """What a function of the repository without annotation returns or yields."""
    if not isinstance(callee, Symbol) or callee.kind != "function":
        return None
    facts = function_facts(project, callee)
    if facts is None or facts.returns_code is not None:
        return None
    found = {handle(project, Place(callee.path, callee.name), node, depth - 1) for node in _given_back(facts)}
    return found.pop() if len(found) == 1 else None


def _given_back(facts: Function) -> list[Node]:
    nodes = [node.value for node in facts.nodes if isinstance(node, (tree.Return, tree.Yield))]
    return [node for node in nodes if node is not None and not (isinstance(node, tree.Constant) and node.value is None)]
