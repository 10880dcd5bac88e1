"""Which assignments change rows: a mapped attribute is set on an instance that a session loaded."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.sessions import Change, Load, changes_in, dealings_in, loads_in
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import callees, target
from cdlint.project.classes import function_facts
from cdlint.project.values import Scope, annotated, evaluate

from ._instances import mapped_instance
from ._passed_sessions import session_of
from ._statements import Place

_LOADS = frozenset({"get", "get_one", "scalar", "scalars", "execute", "exec", "query", "merge"})
_OR_404 = frozenset({"get_or_404", "first_or_404", "one_or_404"})
_MAKERS = frozenset({"select", "query", "get", "get_one", "get_or_404"})
_COLLECTING = frozenset({"append", "remove", "extend", "clear", "add", "discard"})
_HELPERS = 3
"""How many functions one after the other may only pass on what the last has loaded."""
SHARED = "db.session"
"""The session behind `Model.query`."""
_ROW = frozenset({"all", "fetchall", "fetchone", "mappings", "partitions"})
"""What gives lists or rows and no single instance."""


def mapped_attributes(project: Project) -> dict[Symbol, frozenset[str]]:
    """Mapped class -> its columns and relationships."""
    return {
        each.model: frozenset([*(c.attr for c in each.columns), *(r.name for r in each.relations)])
        for each in project[tables]
        if each.model is not None
    }


@provides(changes_in)
def sqlalchemy_changes(project: Project, function: Symbol) -> tuple[Change, ...]:
    """The assignments to mapped attributes of instances that certainly were loaded."""
    facts = function_facts(project, function)
    if facts is None:
        return ()
    return tuple(_changes(project, (function.path, function.name), facts.body))


@provides(loads_in)
def sqlalchemy_loads(project: Project, function: Symbol) -> tuple[Load, ...]:
    """The local names that hold an instance which one session loads."""
    scope = (function.path, function.name)
    found = []
    for name, values in project[local_assignments, scope].items():
        value = values[0][0]
        loaded = loaded_by(project, scope, name) if len(values) == 1 and value is not None else None
        if loaded is not None and value is not None and loaded[0] != SHARED:
            found.append(Load(name, loaded[0], value.at))
    return tuple(found)


def _changes(project: Project, scope: Scope, body: tuple[Node, ...]) -> Iterator[Change]:
    for node in tree.walk(*body):
        targets = node.targets if isinstance(node, tree.Assign) else ()
        for each in (node.target,) if isinstance(node, tree.AugAssign) else targets:
            if isinstance(each, tree.Path) and each.text.count(".") == 1:
                found = loaded_by(project, scope, each.root)
                if found is not None and each.last in project[mapped_attributes].get(found[1], ()):
                    yield Change(each.at, each.text, found[0], found[0] == SHARED)
        if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.last in _COLLECTING:
            name, _, attribute = node.func.text.rpartition(".")[0].partition(".")
            found = loaded_by(project, scope, name) if attribute and "." not in attribute else None
            if found is not None and attribute in project[mapped_attributes].get(found[1], ()):
                yield Change(node.at, f"{node.func.text}()", found[0], found[0] == SHARED)


def loaded_by(project: Project, scope: Scope, name: str) -> tuple[str, Symbol] | None:
    """The session that loaded the instance of a local name and its class; None when that is not certain."""
    values = [value for value, _ in project[local_assignments, scope].get(name, ())]
    found = {_loaded(project, scope, value) for value in values}
    return found.pop() if len(found) == 1 else None


def _loaded(project: Project, scope: Scope, value: Node | None, depth: int = 3) -> tuple[str, Symbol] | None:
    value = value.value if isinstance(value, tree.Await) else value
    if not isinstance(value, tree.Call) or depth == 0:
        return None
    if getattr(value.func, "last", "") in _ROW:
        return None
    start = _first(value)
    if start is None:
        return _by_helper(project, scope, value)
    owner, _, method = start.func.text.rpartition(".")
    if method in _OR_404 and start is value and _is_extension(project, scope, owner):
        found = _model(project, scope, value)
        return (SHARED, found) if found is not None else None
    if method in _LOADS and owner and isinstance(project[session_of, (*scope, owner)], Symbol):
        model = _model(project, scope, value)
        return (owner, model) if model is not None else None
    if ".query." in start.func.text:
        answer = evaluate(project, scope, tree.Path(start.func.text.partition(".query.")[0], start.at))
        known = isinstance(answer, Symbol) and answer in project[mapped_attributes]
        return (SHARED, answer) if known and isinstance(answer, Symbol) else None
    if owner and "." not in owner and start is value:
        # `result = session.execute(...)`, then `result.scalar_one()`.
        values = project[local_assignments, scope].get(owner, ())
        if len(values) == 1 and method not in _ROW:
            return _loaded(project, scope, values[0][0], depth - 1)
    return _by_helper(project, scope, value)


def _is_extension(project: Project, scope: Scope, name: str) -> bool:
    """Whether a name is the extension of Flask, whose own methods use its session."""
    answer = evaluate(project, scope, tree.Path(name, (1, 0, 1, 0))) if name else None
    return isinstance(answer, Symbol) and answer.name == "flask_sqlalchemy.SQLAlchemy()"


def _first(value: tree.Call) -> tree.Call | None:
    """The call that a chain starts with, when it is made on a name."""
    node: Node = value
    while isinstance(node, (tree.Call, tree.Attribute, tree.Await)):
        if isinstance(node, tree.Call):
            if isinstance(node.func, tree.Path):
                return node
            node = node.func
        else:
            node = node.value
    return None


def _model(project: Project, scope: Scope, value: tree.Call) -> Symbol | None:
    """The one mapped class that a loading expression names first."""
    for call in tree.calls(*_with_statement(project, scope, value)):
        if getattr(call.func, "last", "") in _MAKERS and len(call.args) >= 1:
            if getattr(call.func, "last", "") in ("select", "query") and len(call.args) != 1:
                return None
            answer = evaluate(project, scope, call.args[0])
            if isinstance(answer, Symbol) and Symbol("class", answer.path, answer.name) == answer:
                return answer if answer in project[mapped_attributes] else None
    return None


def _with_statement(project: Project, scope: Scope, value: tree.Call) -> Iterator[Node]:
    """A loading expression and the statement that it executes, when a local name holds that."""
    yield value
    for node in tree.walk(value):
        if isinstance(node, tree.Path) and "." not in node.text:
            for inner, _ in project[local_assignments, scope].get(node.text, ()):
                if isinstance(inner, tree.Call):
                    yield inner


def _by_helper(project: Project, scope: Scope, value: tree.Call) -> tuple[str, Symbol] | None:
    """An instance that a function of the repository loads and returns."""
    called = target(project, evaluate(project, scope, value.func))
    facts = function_facts(project, called) if called is not None else None
    if called is None or facts is None or facts.name == "__init__":
        return None
    answer = annotated(project, (called.path, called.name), facts.returns)
    if not isinstance(answer, Symbol):
        answer = evaluate(project, scope, value)
    known = Symbol("class", answer.path, answer.name) if isinstance(answer, Symbol) else None
    model = known or mapped_instance(project, Place(*scope), value)
    session = project[_reading, called] if model in project[mapped_attributes] else None
    if model is None or session is None:
        return None
    handed = [each.text for each in value.args if isinstance(each, tree.Path)]
    handed += [each.value.text for each in value.keywords if isinstance(each.value, tree.Path)]
    own = next((each for each in handed if isinstance(project[session_of, (*scope, each)], Symbol)), "")
    return (own or _through(project, scope, value, handed) or session, model)


def _reading(project: Project, function: Symbol) -> str | None:
    """The session by which a function reads and does not write, itself or through one that it only passes on to."""
    for _ in range(_HELPERS):
        own = project[dealings_in, function]
        if own:
            reads = (each.session for each in own if each.of("read") and not each.of("write"))
            return next(reads, None)
        passed_to = project[callees, function]
        if len(passed_to) != 1:
            return None
        function = passed_to[0][0]
    return None


def _through(project: Project, scope: Scope, call: tree.Call, handed: list[str]) -> str:
    """The object of the repository that a helper reads through: what it is a method of, or what it is given."""
    owner = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
    for each in (*([owner] if owner not in ("", "self", "cls") else []), *handed):
        answer = evaluate(project, scope, tree.Path(each, call.at))
        if isinstance(answer, Symbol) and answer.kind == "instance":
            return each
    return ""
