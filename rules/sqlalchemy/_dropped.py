"""Calls that refine a statement or a query as statements of their own, so that what they give is lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside

from ._names import imports_it, is_used
from ._selects import is_select
from ._sessions import SESSIONS
from ._statements import Place, bound_to, mapped_class, receiver_of, value_of

_REFINING = frozenset(
    {
        "where", "filter", "filter_by", "order_by", "limit", "offset", "join", "outerjoin", "options", "group_by",
        "having", "distinct", "with_for_update", "select_from", "add_columns", "with_entities", "populate_existing",
    }
)  # fmt: skip
_TYPES = frozenset(
    f"{module}()"
    for module in (
        "sqlalchemy.orm.Query", "sqlalchemy.orm.query.Query", "sqlalchemy.Select", "sqlalchemy.sql.Select",
        "sqlalchemy.sql.expression.Select", "sqlalchemy.sql.selectable.Select",
    )
)  # fmt: skip
"""What a parameter is annotated as that holds one."""
_BY_NAME = frozenset({"session", "db_session", "dbsession"})
_DEPTH = 6


class Dropped(NamedTuple):
    """Such a call."""

    receiver: str
    """The variable that holds the statement, or `""`."""
    method: str
    at: At


def refining(project: Project) -> tuple[Place, ...]:
    """The functions that call such methods; tests are left out."""
    paths = project.paths if project[is_used] else ()
    return tuple(place for path in paths if not is_aside(path) for place in project[_refining_in, path])


def _refining_in(project: Project, path: str) -> tuple[Place, ...]:
    module, known = project.module(path), project[imports_it, path]
    return tuple(
        Place(path, each.qualname)
        for each in (module.functions if module is not None else ())
        if (known or any(".query" in call for call in each.calls)) and _drops(each)
    )


def _drops(function: Function) -> bool:
    names = {call.rpartition(".")[2] for call in function.calls if "." in call}
    return not names.isdisjoint(_REFINING) and function.drops(_REFINING) and any(True for _ in _alone(function))


def _alone(function: Function) -> Iterator[tree.Call]:
    """The calls of such methods that stand alone; all that a `try` holds is there to see whether it fails."""
    trying = {each.body[0] for each in function.every(tree.Try) if len(each.body) == 1}
    for node in function.nodes:
        call = node.value if isinstance(node, tree.Expression) and node not in trying else None
        if isinstance(call, tree.Call) and getattr(call.func, "last", "") in _REFINING:
            yield call


def dropped(project: Project, place: Place) -> Iterator[Dropped]:
    """The refinements of statements in a function that nobody gets."""
    function = project[functions_of, place.path].get(place.qualname)
    for call in _alone(function) if function is not None else ():
        receiver = receiver_of(call)
        if receiver is not None and _is_statement(project, place, receiver, _DEPTH):
            yield Dropped(getattr(receiver, "text", ""), getattr(call.func, "last", ""), call.at)


def _is_statement(project: Project, place: Place, node: Node, depth: int) -> bool:
    """Whether an expression is certainly a statement, or a legacy query."""
    if depth <= 0:
        return False
    if isinstance(node, tree.Call):
        receiver, name = receiver_of(node), getattr(node.func, "last", "")
        if receiver is not None and name in _REFINING:
            return _is_statement(project, place, receiver, depth - 1)
        if receiver is not None and name == "query":
            return _is_session(project, place, receiver)
        return is_select(project, place, node, depth)
    if not isinstance(node, tree.Path):
        return False
    owner, _, last = node.text.rpartition(".")
    if owner:
        return last == "query" and mapped_class(project, place, owner) is not None
    return _holds_one(project, place, node, depth)


def _is_session(project: Project, place: Place, node: Node) -> bool:
    answer = value_of(project, place, node)
    if isinstance(answer, Symbol) and answer.kind == "external" and answer.name in SESSIONS:
        return True
    return getattr(node, "last", "").lower() in _BY_NAME and project[imports_it, place.path]


def _holds_one(project: Project, place: Place, node: tree.Path, depth: int) -> bool:
    """Whether a local variable is given such a statement, and nothing else but what is made of it."""
    function = project[functions_of, place.path].get(place.qualname) if place.qualname else None
    if function is None or node.text not in function.binds:
        return False
    found = False
    if any(param.name == node.text for param in function.params):
        answer = value_of(project, place, node)
        if not isinstance(answer, Symbol) or answer.name not in _TYPES:
            return False
        found = True
    for each in function.nodes:
        held = bound_to(each, node.text)
        if held is None or _is_made_of(held, node.text) or (held is not each and _is_later(function, node, held)):
            continue
        if held is each or not _is_statement(project, place, held, depth - 1):
            return False
        found = True
    return found


def _is_later(function: Function, node: tree.Path, held: Node) -> bool:
    """Whether a value that is made of the variable in another way is given to it only after a place."""
    if not any(isinstance(each, tree.Path) and each.root == node.text for each in tree.walk(held)):
        return False
    around = (each.at for each in function.nodes if isinstance(each, (tree.For, tree.While)))
    return held.at > node.at and not any(at[:2] <= node.at[:2] and held.at[2:] <= at[2:] for at in around)


def _is_made_of(node: Node, name: str) -> bool:
    """Whether a value is what methods of the variable give."""
    if isinstance(node, tree.Conditional):
        return _is_made_of(node.body, name) and _is_made_of(node.orelse, name)
    while isinstance(node, tree.Call) and (receiver := receiver_of(node)) is not None:
        node = receiver
    return isinstance(node, tree.Path) and node.text == name
