"""What the names in a function stand for by themselves, whatever path was taken to where they are read."""

from __future__ import annotations

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import class_member, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.values import attribute, evaluate

from ._statements import Place, mapped_class
from ._terms import Term, definition

_KEPT = frozenset(
    {"select", "selectinload", "joinedload", "subqueryload", "contains_eager", "defaultload", "immediateload"}
)


def stands_for(project: Project, key: tuple[str, str, str]) -> tuple[Term | None, Answer | None]:
    """What a dotted name of a function is by itself, for `(path, function, name)`: see `_kept`, and what it means."""
    path, function, text = key
    kept = _kept(project, resolve_in(project, path, function, text))
    try:
        return kept, evaluate(project, (path, function), tree.Path(text, (0, 0, 0, 0)))
    except CyclicFact:
        return kept, None


def attribute_stands_for(project: Project, key: tuple[Symbol, str]) -> tuple[Term | None, Answer | None]:
    """The same for an attribute of something."""
    symbol, name = key
    kept = None
    if symbol.kind in ("instance", "class"):
        kept = _kept(project, project[class_member, (Symbol("class", symbol.path, symbol.name), name)])
    try:
        return kept, attribute(project, symbol, name)
    except CyclicFact:
        return kept, None


def _kept(project: Project, variable: Answer) -> Term | None:
    """What a variable of a module or class keeps: a statement, loader options, or an object made for a model."""
    if not isinstance(variable, Symbol) or variable.kind != "variable":
        return None
    term = definition(project, variable)
    calls = tree.calls(term.node) if term is not None else ()
    if term is None or any(getattr(each.func, "last", "") in _KEPT for each in calls):
        return term
    return term if isinstance(term.node, tree.Call) and _is_for_model(project, term, term.node) else None


def _is_for_model(project: Project, term: Term, call: tree.Call) -> bool:
    """Whether a call is given a mapped class, as a repository for any model is."""
    given = (*call.args, *(each.value for each in call.keywords))
    texts = [each.text for each in given if isinstance(each, tree.Path)]
    return any(mapped_class(project, Place(term.path, term.scope), text) is not None for text in texts)
