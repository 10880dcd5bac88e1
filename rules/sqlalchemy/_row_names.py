"""The names by which the columns of a row can be asked for, where the statement says all of them."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import class_facts
from cdlint.project.memo import CyclicFact

from ._chains import Step, chain, ran
from ._handles import handle
from ._models import model
from ._registry import lineage
from ._sources import entity
from ._state_classes import columns, links
from ._statements import Place, receiver_of

_ONE = frozenset({"first", "one", "one_or_none", "fetchone"})
_MANY = frozenset({"all", "fetchall", "unique", "yield_per", "partitions"})
_ASKING = frozenset({"execute", "exec", "query", "select"})
_DEPTH = 5


def holds_rows(function: Function) -> bool:
    """Whether a function may get rows."""
    return not _ASKING.isdisjoint(function.lasts)


def row_names(project: Project, place: Place, function: Function, name: str) -> frozenset[str] | None:
    """The names that a local variable has as a row; None when it is none, or not all are known."""
    if any(param.name == name for param in function.params):
        return None
    found: set[frozenset[str] | None] = set()
    try:
        for node in function.nodes:
            if isinstance(node, (tree.For, tree.Generator)) and _binds(node.target, name):
                plain = isinstance(node.target, tree.Path)
                found.add(_of_rows(project, place, node.iterable, _DEPTH) if plain else None)
        loops = len(found)
        for value, _ in project[local_assignments, place].get(name, ()):
            if value is not None:
                found.add(_of_row(project, place, value, _DEPTH))
            elif not loops:
                found.add(None)
    except CyclicFact:
        return None
    return found.pop() if len(found) == 1 else None


def _binds(target: Node, name: str) -> bool:
    return any(isinstance(each, tree.Path) and each.text == name for each in tree.walk(target))


def _of_row(project: Project, place: Place, node: Node, depth: int) -> frozenset[str] | None:
    """The names of the one row that an expression gives."""
    node = node.value if isinstance(node, tree.Await) else node
    name = getattr(node.func, "last", "") if isinstance(node, tree.Call) else ""
    receiver = receiver_of(node) if isinstance(node, tree.Call) and name in _ONE and not node.args else None
    return _of_rows(project, place, receiver, depth - 1) if receiver is not None else None


def _of_rows(project: Project, place: Place, node: Node | None, depth: int) -> frozenset[str] | None:
    """The names of each row of a result or a list of them."""
    node = node.value if isinstance(node, tree.Await) else node
    if depth <= 0 or node is None:
        return None
    if isinstance(node, tree.Path) and "." not in node.text:
        values = [value for value, _ in project[local_assignments, place].get(node.text, ())]
        if len(values) == 1 and values[0] is not None:
            return _of_rows(project, place, values[0], depth - 1)
        return _named(project, chain(project, place, node))
    if not isinstance(node, tree.Call):
        return None
    name, receiver = getattr(node.func, "last", ""), receiver_of(node)
    if name in _MANY and receiver is not None:
        return _of_rows(project, place, receiver, depth - 1)
    if name == "execute" and receiver is not None and len(node.args) == 1:
        statement = ran(project, place, node)
        owner = handle(project, place, receiver)
        if statement is None or owner is None:
            return None
        return _named(project, chain(project, place, statement), connected="connection" in owner.kind)
    steps = chain(project, place, node)
    query = steps is not None and getattr(steps[0].call.func, "last", "") == "query"
    return _named(project, steps) if query else None


def _named(project: Project, steps: tuple[Step, ...] | None, *, connected: bool = False) -> frozenset[str] | None:
    found: set[str] = set()
    for step in steps or ():
        if step.method in ("select", "add_columns"):
            for node in step.call.args:
                name = _name(project, step.place, node, connected)
                if name is None:
                    return None
                found.add(name)
    only = steps[0].call.args if steps else ()
    if steps and len(found) < 2 and len(only) == 1 and _is_whole(project, steps[0].place, only[0]):
        # A whole instance: what is read of such a row has a rule of its own.
        return None
    return frozenset(found) if found else None


def _is_whole(project: Project, place: Place, node: Node) -> bool:
    """Whether a statement selects a class, and not a column of it."""
    found = entity(project, place, node.text) if isinstance(node, tree.Path) else None
    return found is not None and not found.attribute


def _is_something_else(project: Project, cls: Symbol, name: str) -> bool:
    """Whether an attribute of a mapped class may be no column of it, as a class that is made for it."""
    facts = class_facts(project, cls)
    made = any(each.name == name and each.callee for each in facts.fields) if facts is not None else False
    return made and name not in project[columns, cls] and name not in project[links, cls]


def _in_table(project: Project, cls: Symbol, attribute: str) -> str | None:
    """The name that a column of a class has in its table."""
    own = (each for owner in project[lineage, cls] if (each := project[model, owner]) is not None)
    return next((column.name for each in own for column in each.columns if column.attr == attribute), None)


def _name(project: Project, place: Place, node: Node, connected: bool) -> str | None:
    """The name of a column of a statement: a connection takes that of the table, a session that of the class."""
    if isinstance(node, tree.Path):
        found = entity(project, place, node.text)
        if found is None or found.attribute.count(".") > (1 if found.attribute.startswith("c.") else 0):
            return None
        if (
            found.cls is not None
            and "." not in found.attribute
            and _is_something_else(project, found.cls, found.attribute)
        ):
            return None
        if connected and found.cls is not None:
            return _in_table(project, found.cls, found.attribute)
        return found.attribute.rpartition(".")[2] or (found.cls.last if found.cls is not None else None)
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "label" and len(node.args) == 1:
        given = node.args[0]
        return given.value if isinstance(given, tree.Constant) and isinstance(given.value, str) else None
    return None
