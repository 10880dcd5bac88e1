"""Which columns hold a list or dict whose changes in place the session does not see."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of

from ._models import model
from ._names import imports_it, outside_word
from ._registry import lineage
from ._terms import Term, evaluated, settled

_TYPES = frozenset({"JSON", "JSONB", "ARRAY", "PickleType"})
MUTATORS = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update", "setdefault", "popitem"}
)
"""Methods of lists and dicts that change them."""


def is_untracked(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether a column, for `(class, attribute)`, certainly holds such a value as it is."""
    cls, name = key
    if project[_are_tracked_by_type]:
        return False
    for owner in project[lineage, cls]:
        each = project[model, owner]
        for column in each.columns if each is not None else ():
            if column.attr == name:
                given = column.kind.given if column.kind is not None else None
                return given is not None and _is_plain(project, settled(project, given))
    return False


def _is_plain(project: Project, term: Term) -> bool:
    node = term.node
    func = node.func if isinstance(node, tree.Call) else node
    if isinstance(func, tree.Attribute) and func.text in ("with_variant", "evaluates_none"):
        return _is_plain(project, settled(project, term.at(func.value)))
    answer = evaluated(project, term.at(func)) if isinstance(func, tree.Path) else None
    return isinstance(answer, Symbol) and answer.kind == "external" and outside_word(answer.name) in _TYPES


def _are_tracked_by_type(project: Project) -> bool:
    """Whether `MutableDict.associate_with(JSON)` tracks all columns of a type."""
    return any(
        call.endswith(".associate_with")
        for path in project.paths
        if project[imports_it, path]
        for function in project[functions_of, path].values()
        for call in function.calls
    )
