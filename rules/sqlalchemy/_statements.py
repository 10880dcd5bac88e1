"""Which mapped class a statement built in a chain of calls is about: `select(User).where(...)`."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._models import model
from ._sessions import SESSIONS

_PACKAGES = ("sqlalchemy", "sqlalchemy.future", "sqlalchemy.sql", "sqlalchemy.sql.expression", "sqlmodel")
_MORE = {"sqlmodel.sql.expression.select": "select", "flask_sqlalchemy.SQLAlchemy().select": "select"}
MAKERS = {
    **{f"{package}.{name}": name for package in _PACKAGES for name in ("select", "update", "insert", "delete")},
    **{f"flask_sqlalchemy.SQLAlchemy().{name}": name for name in ("update", "insert", "delete")},
    **_MORE,
}
"""What makes a statement, as it is imported."""
NEUTRAL = frozenset(
    {
        "where", "filter", "filter_by", "order_by", "limit", "offset", "distinct", "options", "execution_options",
        "with_for_update", "values", "populate_existing",
    }
)  # fmt: skip
"""Methods after which a statement is about the same class and nothing else."""
_DEPTH = 12


class Place(NamedTuple):
    """A function of a file."""

    path: str
    qualname: str


class Statement(NamedTuple):
    """What a chain starts with (`select`, `update`, `insert`, `delete` or `query`) and its one class."""

    kind: str
    cls: Symbol


def mapped_class(project: Project, place: Place, text: str) -> Symbol | None:
    """The mapped class that a name means in a function; None for a variable that may hold one."""
    answer = resolve_in(project, place.path, place.qualname, text)
    known = isinstance(answer, Symbol) and answer.kind == "class" and project[model, answer] is not None
    return answer if known and isinstance(answer, Symbol) else None


def statement(project: Project, place: Place, node: Node, depth: int = _DEPTH) -> Statement | None:
    """The statement that an expression is, when it is about one mapped class from end to end."""
    if depth <= 0:
        return None
    if isinstance(node, tree.Path):
        owner, _, last = node.text.rpartition(".")
        if last == "query" and owner:
            cls = mapped_class(project, place, owner)
            return Statement("query", cls) if cls is not None else None
        return _variable(project, place, node.text, depth) if not owner else None
    if not isinstance(node, tree.Call):
        return None
    receiver = receiver_of(node)
    name = getattr(node.func, "last", "")
    if receiver is not None and name in NEUTRAL:
        return statement(project, place, receiver, depth - 1)
    kind = _kind(project, place, node, name)
    if not kind or len(node.args) != 1 or node.keywords or not isinstance(node.args[0], tree.Path):
        return None
    cls = mapped_class(project, place, node.args[0].text)
    return Statement(kind, cls) if cls is not None else None


def receiver_of(call: tree.Call) -> Node | None:
    """What a method is called on."""
    func = call.func
    if isinstance(func, tree.Path) and "." in func.text:
        return tree.Path(func.text.rpartition(".")[0], func.at)
    if isinstance(func, tree.Attribute):
        owner = func.text.rpartition(".")[0]
        return tree.Attribute(func.value, owner, func.at) if owner else func.value
    return None


def _kind(project: Project, place: Place, call: tree.Call, name: str) -> str:
    if name == "query":
        receiver = receiver_of(call)
        answer = value_of(project, place, receiver) if receiver is not None else None
        return "query" if isinstance(answer, Symbol) and answer.name in SESSIONS else ""
    if name in ("select", "update", "insert", "delete") or isinstance(call.func, tree.Path):
        answer = value_of(project, place, call.func)
        return MAKERS.get(answer.name, "") if isinstance(answer, Symbol) and answer.kind == "external" else ""
    return ""


def value_of(project: Project, place: Place, node: Node) -> Answer | None:
    """What an expression of a function stands for; None when it is defined through itself."""
    try:
        return evaluate(project, place, node)
    except CyclicFact:
        return None


def _variable(project: Project, place: Place, name: str, depth: int) -> Statement | None:
    """The statement of a local variable, which may be refined step by step."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or not place.qualname or any(param.name == name for param in function.params):
        return None
    found: set[Statement | None] = set()
    for node in function.nodes:
        bound = bound_to(node, name)
        if bound is None:
            continue
        if bound is node:
            return None
        if not refines(bound, name):
            found.add(statement(project, place, bound, depth - 1))
    return found.pop() if len(found) == 1 else None


def is_local(project: Project, place: Place, name: str) -> bool:
    """Whether a function binds a name."""
    function = project[functions_of, place.path].get(place.qualname) if place.qualname else None
    return function is not None and name in function.binds


def bound_to(node: Node, name: str) -> Node | None:
    """What a node gives to the name; the node itself when that cannot be followed."""
    if isinstance(node, tree.Assign):
        if any(isinstance(target, tree.Path) and target.text == name for target in node.targets):
            return node.value
        targets: tuple[Node, ...] = node.targets
    elif isinstance(node, tree.Walrus):
        return node if node.name == name else None
    elif isinstance(node, (tree.For, tree.AugAssign, tree.Generator)):
        targets = (node.target,)
    elif isinstance(node, tree.With):
        targets = tuple(target for _, target in node.items if target is not None)
    elif isinstance(node, tree.Lambda):
        return node if name in node.params else None
    else:
        return None
    return node if any(isinstance(each, tree.Path) and each.text == name for each in tree.walk(*targets)) else None


def refines(node: Node, name: str, methods: frozenset[str] = NEUTRAL) -> bool:
    """Whether a value is the variable itself with some of these methods called on it."""
    while isinstance(node, tree.Call) and getattr(node.func, "last", "") in methods:
        receiver = receiver_of(node)
        if receiver is None:
            return False
        node = receiver
    return isinstance(node, tree.Path) and node.text == name
