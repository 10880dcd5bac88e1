"""Calls of queryset methods as statements of their own, so that the queryset they give is lost."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member, functions_of

from ._query_uses import querying
from ._querysets import Place, Use, trace
from ._querysets_values import Rows

REFINING = frozenset(
    {
        "filter", "exclude", "complex_filter", "annotate", "alias", "order_by", "distinct", "values",
        "values_list", "select_related", "prefetch_related", "defer", "only", "using", "select_for_update", "extra",
    }
)  # fmt: skip
"""The methods that only give another queryset."""


def refining(project: Project) -> tuple[Place, ...]:
    """The functions in which such a call stands alone; tests and migrations are left out."""
    return tuple(place for place in project[querying] if project[_alone, place])


def _alone(project: Project, place: Place) -> frozenset[At]:
    """Where such calls stand alone; all that a `try` holds is there to see whether it fails."""
    function = project[functions_of, place.path].get(place.qualname)
    names = {call.rpartition(".")[2] for call in function.calls if "." in call} if function is not None else set()
    if function is None or names.isdisjoint(REFINING) or not function.drops(REFINING):
        return frozenset()
    every = tuple(tree.walk(*function.body))
    alone = [each for each in every if isinstance(each, tree.Expression) and _refines(each.value)]
    trying = [each.body[0] for each in every if isinstance(each, tree.Try) and len(each.body) == 1] if alone else []
    return frozenset(each.value.at for each in alone if each not in trying)


def _refines(node: tree.Node) -> bool:
    return isinstance(node, tree.Call) and getattr(node.func, "last", "") in REFINING and "." in _text(node.func)


def _text(func: tree.Node) -> str:
    return f".{getattr(func, 'text', '')}" if isinstance(func, tree.Attribute) else getattr(func, "text", "")


def dropped(project: Project, place: Place) -> Iterator[tuple[Use, Rows]]:
    """The refinements of querysets in a function that nobody gets."""
    alone = project[_alone, place]
    for each in project[trace, place].uses:
        if each.call.at in alone and isinstance(each.on, Rows) and not _is_own(project, each.on, each.method):
            yield each, each.on


def _is_own(project: Project, rows: Rows, method: str) -> bool:
    """Whether the repository has written the method anew, so that it may do more."""
    found = [project[class_member, (cls, method)] for cls in rows.managers]
    return any(isinstance(each, Symbol) and each.kind == "function" for each in found)
