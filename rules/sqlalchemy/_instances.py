"""Which mapped class an expression is an object of: annotated, constructed, or loaded by a query."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._handles import handle
from ._models import model
from ._providers import provider_of
from ._state_classes import links
from ._statements import Place, mapped_class, receiver_of, statement

_ONE = frozenset(
    {"first", "one", "one_or_none", "scalar_one", "scalar_one_or_none", "scalar", "first_or_404", "one_or_404"}
)
_GETTERS = frozenset({"get", "get_one", "get_or_404", "merge"})
_MANY = frozenset({"scalars", "exec", "unique", "execute"})
_HOLDING = frozenset({"list", "List", "Sequence", "Iterable", "Iterator", "Collection", "set", "Set"})
_DEPTH = 6


def mapped_instance(project: Project, place: Place, node: Node | None, depth: int = _DEPTH) -> Symbol | None:
    """The class of the one object that an expression gives, None when it is not known to be mapped."""
    if node is None or depth <= 0:
        return None
    if isinstance(node, tree.Await):
        return mapped_instance(project, place, node.value, depth)
    provided = _provided(project, place, node.text) if isinstance(node, tree.Path) and "." not in node.text else None
    if provided is not None:
        return provided
    try:
        answer = evaluate(project, place, node)
    except CyclicFact:
        return None
    if isinstance(answer, Symbol) and answer.kind == "instance":
        cls = Symbol("class", answer.path, answer.name)
        return cls if project[model, cls] is not None else None
    if isinstance(node, tree.Path) and "." not in node.text:
        return _local(project, place, node.text, depth)
    if isinstance(node, tree.Call):
        return _loaded(project, place, node) or _returned(project, place, node, depth)
    return None


def _local(project: Project, place: Place, name: str, depth: int) -> Symbol | None:
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or any(param.name == name for param in function.params):
        return None
    loops = project[_loops, place].get(name, ())
    found: set[Symbol | None] = {_item(project, place, iterable, depth - 1) for iterable in loops}
    bound = [value for value, _ in project[local_assignments, place].get(name, ())]
    values = [value for value in bound if value is not None]
    if len(bound) - len(values) > len(loops):
        # It is made of itself, or a part of something.
        return None
    given = [value for value in values if not (isinstance(value, tree.Constant) and value.value is None)]
    found.update(mapped_instance(project, place, value, depth - 1) for value in given)
    return found.pop() if len(found) == 1 else None


def _loops(project: Project, place: Place) -> dict[str, tuple[Node, ...]]:
    """Name -> what the loops of a function go through that bind it."""
    function = project[functions_of, place.path].get(place.qualname)
    found: dict[str, tuple[Node, ...]] = {}
    if function is None:
        return found
    loops: tuple[tree.For | tree.Generator, ...] = (*function.every(tree.For), *function.every(tree.Generator))
    for node in loops:
        name = getattr(node.target, "text", "")
        found[name] = (*found.get(name, ()), node.iterable)
    return found


def _item(project: Project, place: Place, node: Node, depth: int) -> Symbol | None:
    """The class of what a loop over the result of a query gives."""
    node = node.value if isinstance(node, tree.Await) else node
    if isinstance(node, tree.Path) and "." in node.text:
        owner, _, last = node.text.rpartition(".")
        cls = mapped_instance(project, place, tree.Path(owner, node.at), depth - 1)
        link = project[links, cls].get(last) if cls is not None else None
        return link.target if link is not None and link.collection else None
    if isinstance(node, tree.Path):
        values = [value for value, _ in project[local_assignments, place].get(node.text, ())]
        if not values:
            return _promised(project, place, node.text)
        return (
            _item(project, place, values[0], depth - 1)
            if len(values) == 1 and values[0] is not None and depth > 0
            else None
        )
    if not isinstance(node, tree.Call) or depth <= 0:
        return None
    name = getattr(node.func, "last", "")
    about = statement(project, place, node)
    if about is not None and about.kind == "query":
        return about.cls
    receiver = receiver_of(node)
    if name == "all" and receiver is not None:
        return _item(project, place, receiver, depth - 1)
    return _of_result(project, place, node)


def _promised(project: Project, place: Place, name: str) -> Symbol | None:
    """The class of what is in a parameter that is annotated as a list or the like of instances."""
    function = project[functions_of, place.path].get(place.qualname)
    for param in function.params if function is not None else ():
        node = param.annotation if param.name == name and param.kind not in ("*", "**") else None
        if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") in _HOLDING:
            return mapped_class(project, place, node.index.text) if isinstance(node.index, tree.Path) else None
    return None


def _loaded(project: Project, place: Place, call: tree.Call) -> Symbol | None:
    """The class of `session.get(User, 1)`, `query(User).first()`, `session.scalars(select(User)).one()`."""
    name = getattr(call.func, "last", "")
    receiver = receiver_of(call)
    if receiver is None:
        return None
    if name in _GETTERS and call.args and isinstance(call.args[0], tree.Path) and len(call.args) > 1:
        cls = mapped_class(project, place, call.args[0].text)
        return cls if cls is not None and handle(project, place, receiver) is not None else None
    if name not in _ONE and name != "get":
        return None
    about = statement(project, place, receiver)
    if about is not None and about.kind == "query":
        return about.cls
    if name == "scalar" and call.args:
        return _selected(project, place, call.args[0]) if handle(project, place, receiver) is not None else None
    return _of_result(project, place, receiver) if name in _ONE else None


def _of_result(project: Project, place: Place, node: Node) -> Symbol | None:
    """The class of the objects in `session.scalars(select(User))`, or in what `execute` gives."""
    node = node.value if isinstance(node, tree.Await) else node
    if isinstance(node, tree.Path) and "." not in node.text:
        values = [value for value, _ in project[local_assignments, place].get(node.text, ())]
        return (
            _of_result(project, place, values[0])
            if len(values) == 1 and isinstance(values[0], (tree.Call, tree.Await))
            else None
        )
    name = getattr(node.func, "last", "") if isinstance(node, tree.Call) else ""
    receiver = receiver_of(node) if isinstance(node, tree.Call) and name in _MANY else None
    if not isinstance(node, tree.Call) or receiver is None:
        return None
    if not node.args:
        return _of_result(project, place, receiver)
    return _selected(project, place, node.args[0]) if handle(project, place, receiver) is not None else None


def _selected(project: Project, place: Place, node: Node) -> Symbol | None:
    about = statement(project, place, node)
    return about.cls if about is not None and about.kind == "select" else None


def _provided(project: Project, place: Place, name: str) -> Symbol | None:
    """The class of what a dependency gives to a parameter, whatever the annotation beside it says."""
    function = project[functions_of, place.path].get(place.qualname)
    param = next((each for each in function.params if each.name == name), None) if function is not None else None
    provider = provider_of(project, place, param) if param is not None else None
    if provider is None or name in project[local_assignments, place]:
        return None
    try:
        callee = evaluate(project, *provider)
        return project[_given, callee] if isinstance(callee, Symbol) and callee.kind == "function" else None
    except CyclicFact:
        return None


def _given(project: Project, dependency: Symbol) -> Symbol | None:
    """The class of what a dependency gives that does not say so."""
    return _of_returns(project, dependency, _DEPTH)


def _returned(project: Project, place: Place, call: tree.Call, depth: int) -> Symbol | None:
    """The class of what a function of the repository returns that does not say so."""
    try:
        callee = evaluate(project, place, call.func)
    except CyclicFact:
        return None
    return _of_returns(project, callee, depth) if isinstance(callee, Symbol) and callee.kind == "function" else None


def _of_returns(project: Project, callee: Symbol, depth: int) -> Symbol | None:
    facts = function_facts(project, callee)
    if facts is None or facts.returns_code is not None:
        return None
    there = Place(callee.path, callee.name)
    nodes = [node.value for node in facts.every(tree.Return)]
    given = [
        node for node in nodes if node is not None and not (isinstance(node, tree.Constant) and node.value is None)
    ]
    found = {mapped_instance(project, there, node, depth - 1) for node in given}
    return found.pop() if len(found) == 1 else None
