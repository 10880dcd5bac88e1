"""Aggregates over several relations to many rows in one query, which count the product of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At, Node
from cdlint.project import Project

from ._annotated import default_name
from ._lookups import MANY_KINDS
from ._query_graph import Model, info
from ._querysets import trace
from ._querysets_events import Place, Use
from ._querysets_values import Rows

_MULTIPLIED = frozenset({"Count", "Sum", "Avg", "StdDev", "Variance"})
_MEANS = frozenset({"Avg", "StdDev", "Variance"})
"""What stays as it is when all rows are repeated equally often."""


class Product(NamedTuple):
    """Two aggregates of one query whose joins multiply each other."""

    first: str
    second: str
    function: str
    model: Model
    at: At
    distinct: bool


class _Aggregate(NamedTuple):
    function: str
    path: str
    branch: tuple[str, ...]
    """The relations to many on its way."""
    distinct: bool
    at: At
    name: str
    """What the query calls it."""
    call: At
    before: frozenset[str]
    """The names that the query had before the call."""
    is_of_rows: bool
    """Whether there is one for each row of the query, and not one of them all."""


def products(project: Project, place: Place) -> tuple[Product, ...]:
    """The aggregates of a function that are multiplied."""
    chains: dict[At, list[_Aggregate]] = {}
    models: dict[At, Model] = {}
    empty: set[tuple[At, str]] = set()
    for use in project[trace, place].uses:
        if isinstance(use.on, Rows) and use.method == "filter":
            empty.update(
                (use.on.origin or use.call.at, each.name or "") for each in use.call.keywords if _is_zero(each)
            )
        if isinstance(use.on, Rows) and use.method in ("annotate", "aggregate", "aaggregate"):
            origin = use.on.origin or use.call.at
            models[origin] = use.on.model
            chains.setdefault(origin, []).extend(_aggregates(project, use, use.on))
    kept = {at: [each for each in group if (at, each.name) not in empty] for at, group in chains.items()}
    return tuple(found for origin, group in kept.items() for found in _multiplied(models[origin], group))


def _is_zero(keyword: tree.Keyword) -> bool:
    """Whether a condition asks for none: where a relation has no rows, its join repeats nothing."""
    return isinstance(keyword.value, tree.Constant) and keyword.value.value == 0


def _aggregates(project: Project, use: Use, rows: Rows) -> Iterator[_Aggregate]:
    if rows.form or rows.combined:
        return
    values = [(each.value, each.name or "") for each in use.call.keywords]
    is_of_rows = use.method == "annotate"
    for node, alias in (*[(each, default_name(each) or "") for each in use.call.args], *values):
        for call in _calls(node):
            name = "Any" if _is_asked_for_any(node, call) else getattr(call.func, "last", "")
            path = call.args[0].value if call.args and isinstance(call.args[0], tree.Constant) else None
            if name in ("Any", "Count", "Sum", "Avg", "Max", "Min", "StdDev", "Variance") and isinstance(path, str):
                branch = _branch(project, rows.model, path)
                if branch:
                    flag = call.keyword("distinct")
                    distinct = flag is not None and not (isinstance(flag, tree.Constant) and not flag.value)
                    yield _Aggregate(name, path, branch, distinct, call.at, alias, use.call.at, rows.names, is_of_rows)


def _is_asked_for_any(node: Node, count: tree.Call) -> bool:
    """Whether only that a number is more than none matters, which rows that are repeated do not change."""
    return getattr(count.func, "last", "") == "Count" and any(
        isinstance(each, tree.Call)
        and getattr(each.func, "last", "") == "GreaterThan"
        and [getattr(arg, "at", None) for arg in each.args[:1]] == [count.at]
        and getattr(each.args[-1], "value", None) == 0
        for each in tree.walk(node)
    )


def _calls(node: Node) -> Iterator[tree.Call]:
    """The calls of an expression, those of other queries left out."""
    if isinstance(node, tree.Call):
        if getattr(node.func, "last", "") in ("Subquery", "Exists") or ".objects" in getattr(node.func, "text", ""):
            return
        yield node
    for child in tree.children(node):
        yield from _calls(child)


def _branch(project: Project, model: Model, path: str) -> tuple[str, ...]:
    """The relations to many rows on a path, each with all that leads to it."""
    found, way = [], ""
    for part in path.split("__"):
        name = project[info, model].names.get(part)
        if name is None:
            break
        way = f"{way}__{part}" if way else part
        if name.kind in MANY_KINDS:
            found.append(way)
        if name.target is None:
            break
        model = name.target
    return tuple(found)


def _multiplied(model: Model, group: list[_Aggregate]) -> Iterator[Product]:
    """Each aggregate whose rows another one, over another relation, repeats."""
    seen: set[str] = set()
    for each in group:
        other = next((held for held in group if _repeats(held, each)), None)
        if other is None or each.function not in _MULTIPLIED or each.path in seen:
            continue
        if each.distinct and each.function == "Count":
            continue
        seen.add(each.path)
        yield Product(each.path, other.path, each.function, model, each.at, each.distinct)
        return


def _repeats(held: _Aggregate, each: _Aggregate) -> bool:
    """Whether the join of one aggregate repeats the rows of another: its relations to many are not among those."""
    if held is each or set(held.branch) <= set(each.branch):
        return False
    if each.function in _MEANS and each.is_of_rows and not set(held.branch) & set(each.branch):
        return False
    # Two queries may begin alike and go on each for itself.
    return held.call == each.call or held.name in each.before or each.name in held.before
