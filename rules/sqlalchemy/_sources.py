"""Which tables an SQL expression reads: mapped classes, aliases of them and bare tables, or that it is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import words
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._criteria import column_attributes
from ._finished import full
from ._models import model
from ._names import PACKAGES, outside_word
from ._registry import destination, home_table, lineage
from ._statements import Place, mapped_class, receiver_of, value_of
from ._tables import core_tables
from ._terms import definition

_PLAIN = frozenset(
    {
        "and_", "or_", "not_", "case", "cast", "try_cast", "desc", "asc", "nulls_first", "nulls_last", "nullsfirst",
        "nullslast", "literal", "bindparam", "type_coerce", "extract", "distinct", "between", "tuple_", "null", "true",
        "false", "collate", "any_", "all_", "over", "within_group", "label", "col", "funcfilter", "array",
    }
)  # fmt: skip
"""What makes of its arguments an expression that reads what they read."""
_OPEN = frozenset(
    {
        "subquery", "cte", "alias", "lateral", "table_valued", "column_valued", "render_derived", "text",
        "literal_column", "tablesample", "values", "of_type", "op", "and_", "select_entity_from",
    }
)  # fmt: skip
_WITHIN = frozenset({"any", "has"})
_ENDS = frozenset({"exists", "scalar_subquery", "as_scalar", "correlate"})
_FETCHING = frozenset(
    {
        "get", "get_one", "scalar", "scalars", "execute", "exec", "first", "all", "one", "one_or_none", "scalar_one",
        "scalar_one_or_none", "fetchall", "fetchone", "mappings", "first_or_404", "one_or_404", "get_or_404", "count",
    }
)  # fmt: skip
"""What gives values that have been loaded."""
_STARTS = frozenset({"select", "exists", "query", "union", "union_all", "except_", "intersect"})
_EXPRESSIONS = frozenset(
    {
        "Select", "SelectOfScalar", "Subquery", "CTE", "Alias", "AliasedClass", "ColumnElement", "Query", "Table",
        "InstrumentedAttribute", "ClauseElement", "BinaryExpression", "BooleanClauseList", "ScalarSelect", "Column",
        "ColumnClause", "UnaryExpression", "FromClause", "QueryableAttribute", "Exists", "TextClause", "Mapped",
        "SQLColumnExpression", "ColumnExpressionArgument", "type", "Type",
    }
)  # fmt: skip
_SPOKEN = (
    "col", "attr", "expr", "clause", "subq", "cte", "alias", "stmt", "query", "table", "crit", "cond", "filter",
    "model", "entity", "cls", "klass", "class",
)  # fmt: skip
_DEPTH = 6


class Use(NamedTuple):
    """A table that is read. `inner` when a statement inside the expression reads it."""

    key: str
    name: str
    at: At
    inner: bool
    cls: Symbol | None
    """The class, unless it is a bare table; for an alias the one behind it."""
    attribute: str
    """What of it is read, `""` for all."""


class Obscure(Exception):
    """Some part of an expression may read tables that are not seen."""


def key_of(project: Project, cls: Symbol) -> str:
    """What tells the table of a class from others; classes that inherit from each other share it."""
    mapped = [each for owner in project[lineage, cls] if (each := project[model, owner]) is not None]
    root = mapped[-1] if mapped else None
    if root is None:
        return f"{cls.path}:{cls.name}"
    if root.core is not None:
        core = next((each for each in project[core_tables] if each.variable == root.core), None)
        return full(core.name, core.schema) or f"{cls.path}:{cls.name}" if core is not None else str(root.core)
    home = home_table(project, root)
    return full(home.table, home.schema) or f"{root.symbol.path}:{root.symbol.name}"


def uses(project: Project, place: Place, node: Node | None, inner: bool = False, depth: int = _DEPTH) -> Iterator[Use]:
    """The tables that an expression reads; raises `Obscure` where that cannot be told."""
    if depth <= 0:
        raise Obscure
    if node is None or isinstance(node, (tree.Constant, tree.FString, tree.Await)):
        return
    if isinstance(node, tree.Path):
        yield from _of_path(project, place, node, inner, depth)
    elif isinstance(node, tree.Call):
        yield from _of_call(project, place, node, inner, depth)
    elif isinstance(node, (tree.Starred, tree.Lambda, tree.Opaque, tree.Walrus)):
        raise Obscure
    elif isinstance(node, tree.Attribute):
        if any(uses(project, place, node.value, inner, depth)) or not isinstance(node.value, (tree.Await, tree.Call)):
            raise Obscure
    elif isinstance(node, tree.Comprehension):
        if any(entity(project, place, each.text) for each in tree.walk(node) if isinstance(each, tree.Path)):
            raise Obscure
    else:
        for child in tree.children(node):
            yield from uses(project, place, child, inner, depth)


# Names


def entity(project: Project, place: Place, text: str, at: At = (0, 0, 0, 0)) -> Use | None:
    """The class, alias or table that a dotted name starts with, and what follows it."""
    parts = text.split(".")
    function = project[functions_of, place.path].get(place.qualname) if place.qualname else None
    if function is not None and parts[0] in function.binds:
        return _alias(project, place, parts, at)
    for index in range(1, len(parts) + 1):
        name = ".".join(parts[:index])
        answer = resolve_in(project, place.path, place.qualname, name)
        if not isinstance(answer, Symbol):
            return None
        if answer.kind == "class" and project[model, answer] is not None:
            return Use(key_of(project, answer), answer.last, at, False, answer, ".".join(parts[index:]))
        if answer.kind == "variable":
            return _table(project, answer, parts[index:], at) or _module_alias(project, answer, parts[index:], at)
    return None


def _alias(project: Project, place: Place, parts: list[str], at: At) -> Use | None:
    values = project[local_assignments, place].get(parts[0], ())
    function = project[functions_of, place.path][place.qualname]
    if len(values) != 1 or any(param.name == parts[0] for param in function.params):
        return None
    cls = _aliased(project, place, values[0][0])
    key = f"{place.path}:{place.qualname}:{parts[0]}"
    return Use(key, parts[0], at, False, cls, ".".join(parts[1:])) if cls is not None else None


def _aliased(project: Project, place: Place, call: Node | None) -> Symbol | None:
    """The class behind `aliased(User)`."""
    if not isinstance(call, tree.Call) or getattr(call.func, "last", "") != "aliased" or len(call.args) != 1:
        return None
    given = call.args[0]
    return mapped_class(project, place, given.text) if isinstance(given, tree.Path) else None


def _module_alias(project: Project, variable: Symbol, rest: list[str], at: At) -> Use | None:
    term = definition(project, variable) if "." not in variable.name else None
    cls = _aliased(project, Place(term.path, term.scope), term.node) if term is not None else None
    return Use(f"{variable.path}:{variable.name}", variable.last, at, False, cls, ".".join(rest)) if cls else None


def _table(project: Project, variable: Symbol, rest: list[str], at: At) -> Use | None:
    for table in project[core_tables]:
        if table.variable == variable:
            key = full(table.name, table.schema) or f"{variable.path}:{variable.name}"
            return Use(key, table.name or variable.last, at, False, None, ".".join(rest))
    return None


def _of_path(project: Project, place: Place, node: tree.Path, inner: bool, depth: int) -> Iterator[Use]:
    found = entity(project, place, node.text, node.at)
    if found is not None:
        if not inner and not _is_column(project, found):
            raise Obscure
        yield found._replace(inner=inner)
    elif not inner:
        yield from _of_value(project, place, node, depth)


def _is_column(project: Project, use: Use) -> bool:
    """Whether it is the whole thing, or a plain column or relationship of it."""
    if use.attribute == "":
        return True
    if use.cls is None:
        return use.attribute.startswith(("c.", "columns.")) and use.attribute.count(".") == 1
    if use.attribute in project[column_attributes, use.cls]:
        return relation_end(project, use) != "open"
    return project[_is_own_hybrid, (use.cls, use.attribute)]


def _is_own_hybrid(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether an attribute is a hybrid that reads nothing but columns of its own class."""
    for owner in project[lineage, key[0]]:
        every = [each for each in project.module(owner.path).functions if each.qualname == f"{owner.name}.{key[1]}"]  # type: ignore[union-attr]
        if every:
            columns = project[column_attributes, key[0]]
            return all(_reads_itself(project, owner, each, columns) for each in every)
    return False


def _reads_itself(project: Project, owner: Symbol, function: Function, columns: frozenset[str]) -> bool:
    words = {part for each in function.decorators if isinstance(each, tree.Path) for part in each.text.split(".")}
    if words.isdisjoint({"hybrid_property", "expression", "inplace"}) or not function.params:
        return False
    own = function.params[0].name
    for node in function.nodes:
        if (
            isinstance(node, tree.Path)
            and node.root == own
            and node.text.split(".")[1:2] not in [[each] for each in columns]
        ):
            return False
        if isinstance(node, tree.Path) and node.root != own and entity(project, Place(owner.path, ""), node.text):
            return False
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") in _STARTS | {"text", "literal_column"}:
            return False
    return True


def relation_end(project: Project, use: Use) -> Symbol | str | None:
    """The class that a relationship leads to; None for a column, `open` when it is not known."""
    for owner in project[lineage, use.cls] if use.cls is not None else ():
        source = project[model, owner]
        relation = next((each for each in source.relations if each.name == use.attribute), None) if source else None
        if source is not None and relation is not None:
            return destination(project, source, relation) or "open"
    return None


def _of_value(project: Project, place: Place, node: tree.Path, depth: int) -> Iterator[Use]:
    """A name that is no table: a value, or what it is assigned."""
    root = node.text.partition(".")[0]
    if ".c." in node.text or node.text.endswith((".c", ".columns")):
        raise Obscure
    function = project[functions_of, place.path].get(place.qualname) if place.qualname else None
    if function is not None and root in function.binds and root not in ("self", "cls"):
        param = next((each for each in function.params if each.name == root), None)
        values = project[local_assignments, place].get(root, ())
        if param is not None and not values:
            spoken = any(word in root.lower() for word in _SPOKEN) and param.annotation_code is None
            if spoken or not _EXPRESSIONS.isdisjoint(words(param.annotation_code)) or param.kind in ("*", "**"):
                raise Obscure
            return
        if not values or not all(_is_loaded(project, place, each) for each in _unfollowed(function, root)):
            raise Obscure
        for value, _ in values:
            yield from uses(project, place, value, False, depth - 1)
        return
    try:
        answer = evaluate(project, place, node)
    except CyclicFact:
        raise Obscure from None
    if isinstance(answer, Symbol):
        if answer.kind == "variable":
            term = definition(project, answer)
            if term is None:
                raise Obscure
            yield from uses(project, Place(term.path, term.scope), term.node, False, depth - 1)
        elif answer.kind == "external" and answer.name.partition(".")[0] in PACKAGES:
            raise Obscure
        return
    if root != "self" or node.text.count(".") > 1 or any(word in node.text.lower() for word in _SPOKEN):
        raise Obscure


def _unfollowed(function: Function, name: str) -> Iterator[Node | None]:
    """What loops go through, and what is taken apart or built upon, where that binds a name."""
    for node in function.nodes:
        if isinstance(node, (tree.For, tree.Generator)):
            targets, value = (node.target,), node.iterable
        elif isinstance(node, tree.Assign) and node.value is not None:
            whole = not any(isinstance(each, tree.Path) and each.root == name for each in tree.walk(node.value))
            targets = tuple(each for each in node.targets if not (whole and isinstance(each, tree.Path)))
            value = node.value
        elif isinstance(node, tree.AugAssign):
            targets, value = (node.target,), node.value
        else:
            continue
        if any(isinstance(each, tree.Path) and each.text == name for each in tree.walk(*targets)):
            yield value


def _is_loaded(project: Project, place: Place, node: Node | None) -> bool:
    """Whether what is gone through holds values: results of a query, or nothing that names a table."""
    if isinstance(node, tree.Await) or (isinstance(node, tree.Call) and getattr(node.func, "last", "") in _FETCHING):
        return True
    return not any(entity(project, place, each.text) for each in tree.walk(node) if isinstance(each, tree.Path))


# Calls


def _of_call(project: Project, place: Place, node: tree.Call, inner: bool, depth: int) -> Iterator[Use]:
    name = getattr(node.func, "last", "")
    if inner or _starts_with(node) or name in _ENDS:
        yield from _mentions(project, place, node)
        return
    if name in _FETCHING and not _is_plain(project, place, node):
        return
    receiver = receiver_of(node)
    given = (*node.args, *(value for _, value in node.keywords))
    is_method = isinstance(receiver, tree.Call) or (
        isinstance(receiver, tree.Path) and entity(project, place, receiver.text) is not None
    )
    if not is_method and not _is_unknown(project, place, node):
        if not _is_plain(project, place, node) and any(_reads(project, place, given)):
            raise Obscure
        receiver = None
    elif receiver is None or name in _OPEN:
        raise Obscure
    elif _own(project, place, node) is not None:
        if not _loads(project, place, node, depth):
            raise Obscure
        return
    yield from uses(project, place, receiver, False, depth)
    for each in given:
        yield from _mentions(project, place, each) if name in _WITHIN else uses(project, place, each, False, depth)


def _own(project: Project, place: Place, node: Node | None) -> Symbol | None:
    """The function of the repository that is called, which may give anything."""
    answer = value_of(project, place, node.func) if isinstance(node, tree.Call) else None
    return answer if isinstance(answer, Symbol) and answer.kind == "function" else None


def _loads(project: Project, place: Place, node: Node | None, depth: int) -> bool:
    """Whether a value has been loaded, here or by the functions of the repository that return it."""
    if isinstance(node, tree.Path):
        values = project[local_assignments, place].get(node.text, ())
        return depth > 0 and bool(values) and all(_loads(project, place, each, depth - 1) for each, _ in values)
    own = _own(project, place, node)
    if own is None or depth <= 0:
        return isinstance(node, tree.Await) or (
            isinstance(node, tree.Call) and getattr(node.func, "last", "") in _FETCHING
        )
    nodes = project[functions_of, own.path][own.name].nodes
    returned = [each.value for each in nodes if isinstance(each, tree.Return)]
    there = Place(own.path, own.name)
    return bool(returned) and all(_loads(project, there, each, depth - 1) for each in returned)


def _is_plain(project: Project, place: Place, node: tree.Call) -> bool:
    """Whether a call makes an expression of its arguments: `func.lower(...)`, `or_(...)`."""
    answer = value_of(project, place, node.func)
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return False
    return outside_word(answer.name) in _PLAIN or (
        ".func." in answer.name and "()." not in answer.name.partition(".func.")[2]
    )


def _is_unknown(project: Project, place: Place, node: tree.Call) -> bool:
    """Whether it is neither known what is called nor that it gives a plain value; raises where it may be a table."""
    answer = value_of(project, place, node.func)
    if not isinstance(answer, Symbol):
        return True
    if answer.kind == "external" and answer.name.partition(".")[0] not in PACKAGES:
        return False
    if _is_plain(project, place, node):
        return False
    given = value_of(project, place, node) if answer.kind in ("function", "class") else None
    known = isinstance(given, Symbol) and given.name.partition(".")[0] not in PACKAGES
    if not known or (isinstance(given, Symbol) and given.kind not in ("external", "instance")):
        raise Obscure
    return False


def _reads(project: Project, place: Place, nodes: tuple[Node, ...]) -> Iterator[Use]:
    return (found for each in nodes for found in _mentions(project, place, each))


def _starts_with(node: Node | None) -> bool:
    """Whether a chain of calls starts a statement of its own."""
    while isinstance(node, tree.Call):
        if getattr(node.func, "last", "") in _STARTS:
            return True
        node = receiver_of(node)
    return False


def _mentions(project: Project, place: Place, node: Node) -> Iterator[Use]:
    """The tables that an inner statement names."""
    for each in tree.walk(node):
        if isinstance(each, (tree.Starred, tree.Lambda)):
            raise Obscure
        if isinstance(each, tree.Path):
            found = entity(project, place, each.text, each.at)
            if found is not None:
                yield found._replace(inner=True)
