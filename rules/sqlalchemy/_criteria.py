"""Columns in the conditions of queries: what an expression of a mapped class stands for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._models import model, models
from ._registry import lineage
from ._tables import core_tables

CRITERIA = frozenset({"where", "filter", "having", "join", "outerjoin", "case", "and_", "or_", "not_", "when"})
_QUERIES = ("select", "query", "select_from")
_ALONE = CRITERIA - {"join", "when"}
_OPERATORS = frozenset(
    {
        "like", "ilike", "not_like", "notlike", "not_ilike", "notilike", "in_", "not_in", "notin_", "is_", "is_not",
        "isnot", "between", "contains", "startswith", "endswith", "icontains", "any", "has", "op", "is_distinct_from",
        "regexp_match", "match",
    }
)  # fmt: skip


class Question(NamedTuple):
    """A function that states criteria."""

    path: str
    qualname: str


class Misuse(NamedTuple):
    """An operator of Python on a column. `kind`: `and`, `or`, `not`, `is`, `is not`, `in`, `not in`, `chain`."""

    kind: str
    column: str
    at: At


def questions(project: Project) -> tuple[Question, ...]:
    """The functions that state criteria, in files that can name a mapped class or a table."""
    paths = project.paths if project[_names] else ()
    return tuple(question for path in paths for question in project[_questions_in, path])


def _questions_in(project: Project, path: str) -> tuple[Question, ...]:
    module = project.module(path)
    if module is None or not _may_name(module, path, project[_names]):
        return ()
    return tuple(Question(path, each.qualname) for each in module.functions if _states_criteria(each))


def _names(project: Project) -> frozenset[str]:
    """The names of mapped classes and tables, and of the modules and packages that hold them."""
    found: set[str] = set()
    tables = [table.variable for table in project[core_tables] if table.variable is not None]
    for symbol in (*project[models], *tables):
        found.add(symbol.path)
        found.add(symbol.last)
        found.update(symbol.path.removesuffix(".py").split("/"))
    return frozenset(found)


def _may_name(module: Module, path: str, names: frozenset[str]) -> bool:
    if path in names:
        return True
    return any(each.name in names or each.name in (None, "*") for each in module.imports)


def _states_criteria(function: Function) -> bool:
    # `join` is a method of strings as well: only next to a query does it say something.
    words = function.lasts
    return not words.isdisjoint(_ALONE) or ("join" in words and not words.isdisjoint(_QUERIES))


def misuses(project: Project, question: Question) -> Iterator[Misuse]:
    """The operators of Python that are applied to columns in the criteria of a function."""
    function = project[functions_of, question.path].get(question.qualname)
    seen: set[At] = set()
    for call in tree.calls(*(function.body if function is not None else ())):
        if isinstance(call.func, (tree.Path, tree.Attribute)) and call.func.last in CRITERIA:
            nodes = [*call.args, *(value for name, value in call.keywords if name in ("onclause", "whereclause"))]
            for node in nodes:
                for misuse in _inside(project, question, node):
                    if misuse.at not in seen:
                        seen.add(misuse.at)
                        yield misuse


def _inside(project: Project, place: Question, node: Node) -> Iterator[Misuse]:
    """The misuses in an argument that becomes a condition."""
    if isinstance(node, tree.Boolean):
        yield from _boolean(project, place, node)
        parts: tuple[Node, ...] = node.values
    elif isinstance(node, tree.Unary):
        name = condition(project, place, node.value) if node.op == "not" else ""
        if name:
            yield Misuse("not", name, node.at)
        parts = (node.value,)
    elif isinstance(node, tree.Compare):
        yield from _compare(project, place, node)
        parts = ()
    elif isinstance(node, tree.Binary) and node.op in ("&", "|"):
        parts = node.terms
    elif isinstance(node, tree.Conditional):
        parts = (node.body, node.orelse)
    elif isinstance(node, tree.Sequence):
        parts = node.items
    elif isinstance(node, tree.Starred):
        parts = (node.value,)
    else:
        parts = ()
    for part in parts:
        yield from _inside(project, place, part)


def _boolean(project: Project, place: Question, node: tree.Boolean) -> Iterator[Misuse]:
    # Python asks for the truth of all operands but the last, which it only passes on.
    for value in node.values[:-1]:
        name = condition(project, place, value)
        if name:
            yield Misuse(node.op, name, node.at)
            return


def _compare(project: Project, place: Question, node: tree.Compare) -> Iterator[Misuse]:
    names = [column(project, place, term) for term in node.terms]
    if len(node.ops) > 1:
        if any(names):
            yield Misuse("chain", next(filter(None, names)), node.at)
        return
    op = node.ops[0]
    if op in ("is", "is not") and any(names):
        yield Misuse(op, next(filter(None, names)), node.at)
    elif op in ("in", "not in") and names[0]:
        yield Misuse(op, names[0], node.at)


def condition(project: Project, place: Question, node: Node) -> str:
    """The column that an SQL condition is about; `""` when it is none, or not known to be one."""
    if isinstance(node, tree.Compare):
        if len(node.ops) == 1 and node.ops[0] in ("==", "!=", "<", "<=", ">", ">="):
            return next(filter(None, (column(project, place, term) for term in node.terms)), "")
        return ""
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.last in _OPERATORS:
        owner = node.func.text.rpartition(".")[0]
        return column(project, place, tree.Path(owner, node.at)) if owner else ""
    if isinstance(node, tree.Unary) and node.op == "~":
        return condition(project, place, node.value)
    return column(project, place, node)


def column(project: Project, place: Question, node: Node) -> str:
    """The name of a mapped column, `User.name` or `users.c.name`; `""` for anything else."""
    if not isinstance(node, tree.Path) or "." not in node.text:
        return ""
    owner, _, name = node.text.rpartition(".")
    if owner.endswith(".c"):
        return node.text if _is_table_column(project, place, owner.removesuffix(".c"), name) else ""
    cls = _mapped(project, place, owner)
    return f"{cls.last}.{name}" if cls is not None and name in project[column_attributes, cls] else ""


def column_attributes(project: Project, cls: Symbol) -> frozenset[str]:
    """The attributes of a mapped class that are columns or relationships, those of ancestors included."""
    found: set[str] = set()
    hidden: set[str] = set()
    for owner in project[lineage, cls]:
        each = project[model, owner]
        if each is not None:
            found.update(item.attr for item in each.columns if item.attr not in hidden)
            found.update(item.name for item in each.relations if item.name not in hidden)
            hidden.update(each.names)
    return frozenset(found)


def _mapped(project: Project, place: Question, name: str) -> Symbol | None:
    """The mapped class that a name stands for, through `aliased(User)`."""
    function = project[functions_of, place.path].get(place.qualname)
    answer = _value(project, place, name)
    if isinstance(answer, Symbol) and answer.kind == "class" and project[model, answer] is not None:
        return answer if _is_class_here(name, function) else None
    if isinstance(answer, Symbol) and answer.name in ("sqlalchemy.orm.aliased()", "sqlalchemy.orm.util.aliased()"):
        values = project[local_assignments, (place.path, place.qualname)].get(name, ())
        call = values[0][0] if len(values) == 1 else None
        if isinstance(call, tree.Call) and call.args and isinstance(call.args[0], tree.Path):
            return _mapped(project, place, call.args[0].text) if call.args[0].text != name else None
    return None


def _is_class_here(name: str, function: Function | None) -> bool:
    """Whether a name is the class itself and no parameter that merely may be."""
    return function is None or all(param.name != name or function.owner for param in function.params)


def _value(project: Project, place: Question, name: str) -> object:
    try:
        return evaluate(project, (place.path, place.qualname), tree.Path(name, (0, 0, 0, 0)))
    except CyclicFact:
        return Unknown("defined through itself")


def _is_table_column(project: Project, place: Question, name: str, column_name: str) -> bool:
    answer = resolve_in(project, place.path, place.qualname, name)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return False
    return any(
        table.variable == answer and any(each.name == column_name for each in table.columns)
        for table in project[core_tables]
    )
