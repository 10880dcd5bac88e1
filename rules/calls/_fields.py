"""Fields of models that a constructor fills: they hold data, and nothing that is awaited later."""

from __future__ import annotations

from cdlint.backend.shapes import shapes
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import fields
from cdlint.project.values import Scope, evaluate

_ANYTHING = frozenset({"Any", "Awaitable", "Callable", "Coroutine", "object"})


def is_kept_as_value(project: Project, scope: Scope, written: str) -> bool:
    """Whether `Class(name=)` fills a column, a relation or a field of a schema."""
    text, _, rest = written.partition("(")
    name = rest.removesuffix("=)")
    cls = evaluate(project, scope, tree.Path(text, (0, 0, 0, 0)))
    if not isinstance(cls, Symbol) or cls.kind != "class":
        return False
    if name in project[_stored].get(cls, ()):
        return True
    if cls not in project[_schemas]:
        return False
    codes = [each.annotation_code for _, each in fields(project, cls) if each.name == name]
    return bool(codes) and codes[0] is not None and _ANYTHING.isdisjoint(words(codes[0]))


def _schemas(project: Project) -> frozenset[Symbol]:
    return frozenset(each.name for each in project[shapes])


def _stored(project: Project) -> dict[Symbol, frozenset[str]]:
    """Model -> its columns and relations."""
    return {
        each.model: frozenset([*(column.attr for column in each.columns), *(link.name for link in each.relations)])
        for each in project[tables]
        if each.model is not None
    }
