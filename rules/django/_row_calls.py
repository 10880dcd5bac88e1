"""Where functions call methods of rows, whatever manager the model has."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.entities import row_calls
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.memo import CyclicFact

from ._querysets import Place, trace
from ._querysets_values import Rows


@provides(row_calls)
def calls_on_rows(project: Project, function: Symbol) -> frozenset[tuple[At, str]]:
    """The calls of Django's own methods on managers and querysets."""
    try:
        traced = project[trace, Place(function.path, function.name)]
    except CyclicFact:
        return frozenset()
    return frozenset((use.call.at, use.method) for use in traced.uses if isinstance(use.on, Rows))
