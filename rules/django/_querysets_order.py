"""Which methods a queryset refuses after others: what follows a slice, a union or `values()`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry

from ._query_graph import Model
from ._query_models import declared, is_model
from ._querysets import Place, Use, trace
from ._querysets_values import Rows

_AFTER_CUT = frozenset(
    {
        "filter", "exclude", "order_by", "distinct", "reverse", "last", "update", "delete", "earliest",
        "latest", "alast", "aupdate", "adelete", "aearliest", "alatest",
    }
)  # fmt: skip
_AFTER_UNION = frozenset(
    {
        "filter", "exclude", "annotate", "alias", "distinct", "select_related", "prefetch_related",
        "update", "delete", "only", "defer", "extra", "aupdate", "adelete",
    }
)  # fmt: skip
_AFTER_VALUES = frozenset(["delete", "adelete", "select_related", "only", "defer"])
_FILTERS = frozenset(["filter", "exclude"])


class Refused(NamedTuple):
    """A method that raises on these rows. `after`: `cut`, a set operation, `values` or `child` (multi-table)."""

    method: str
    after: str
    model: Model
    at: At


def refused(project: Project, place: Place) -> tuple[Refused, ...]:
    """The methods of a function that raise."""
    found = [each for use in project[trace, place].uses if not use.guarded for each in _of(project, use)]
    return tuple(sorted(set(found), key=lambda each: (each.at, each.method)))


def _of(project: Project, use: Use) -> Iterator[Refused]:
    rows = use.on
    if not isinstance(rows, Rows) or rows.manager:
        if isinstance(rows, Rows) and use.method in ("bulk_create", "abulk_create"):
            yield from _of_child(project, use, rows)
        return
    given = bool(use.values or use.call.keywords)
    at = _name_at(use.call)
    if (rows.cut and use.method in _AFTER_CUT and (given or use.method not in _FILTERS)) or (
        rows.cut and use.method in ("get", "aget") and given
    ):
        yield Refused(use.method, "cut", rows.model, at)
    elif rows.combined and use.method in _AFTER_UNION and (given or use.method not in _FILTERS):
        yield Refused(use.method, rows.combined, rows.model, at)
    elif rows.form in ("values", "values_list") and use.method in _AFTER_VALUES:
        yield Refused(use.method, rows.form, rows.model, at)


def _name_at(call: tree.Call) -> At:
    """The end of what is called, which is where the method's name stands in a chain over lines."""
    at: At = call.func.at
    name = getattr(call.func, "last", "")
    return (at[2], max(at[3] - len(name.encode()), 0), at[2], at[3]) if isinstance(call.func, tree.Attribute) else at


def _of_child(project: Project, use: Use, rows: Rows) -> Iterator[Refused]:
    model = rows.model
    if not isinstance(model, Symbol) or project[declared, model].abstract or project[declared, model].proxy:
        return
    for above in project[ancestry, model].first_party[1:]:
        own = project[declared, above]
        if is_model(project, above) and not own.abstract and not own.proxy:
            yield Refused(use.method, "child", model, _name_at(use.call))
            return
