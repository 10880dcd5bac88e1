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
_ERRORS = frozenset({"FieldError", "FieldDoesNotExist", "ValidationError", "ValueError", "TypeError"})


def refining(project: Project) -> tuple[Place, ...]:
    """The functions in which such a call stands alone; tests and migrations are left out."""
    return tuple(place for place in project[querying] if project[_alone, place])


def _alone(project: Project, place: Place) -> frozenset[At]:
    """Where such calls stand alone, not to see whether they fail."""
    function = project[functions_of, place.path].get(place.qualname)
    names = {call.rpartition(".")[2] for call in function.calls if "." in call} if function is not None else set()
    if function is None or names.isdisjoint(REFINING) or not function.drops(REFINING):
        return frozenset()
    alone = [each for each in function.every(tree.Expression) if _refines(each.value)]
    trying = [node for each in function.nodes if alone for node in _tried(each)]
    return frozenset(each.value.at for each in alone if each not in trying)


def _tried(node: tree.Node) -> tuple[tree.Node, ...]:
    """The statements of a `try` that is there to see whether a refinement fails: all it holds, or errors of fields."""
    if isinstance(node, tree.Try):
        caught = [each.type for each in node.handlers]
        return node.body if len(node.body) == 1 or _names_error(caught) else ()
    if isinstance(node, tree.With):
        calls = [each for each, _ in node.items if isinstance(each, tree.Call)]
        return node.body if _names_error([given for call in calls for given in call.args]) else ()
    return ()


def _names_error(nodes: list[tree.Node | None]) -> bool:
    """Whether one of these is an error that refinements raise for what they are given."""
    names = {getattr(node, "last", "") for each in nodes if each is not None for node in tree.walk(each)}
    return not names.isdisjoint(_ERRORS)


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
