"""Rows of views as other packs see them, and what methods load of each row."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.entities import EntityRows, RowRead, Showing, handed_rows, row_loads, view_rows
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_member
from cdlint.project.memo import CyclicFact

from . import _querysets_views as views
from ._querysets import forced, trace
from ._querysets_events import Place
from ._querysets_values import Items, Later, One, Rows
from ._related_loops import loads_of


@provides(view_rows)
def shown_rows(project: Project, view: Symbol) -> EntityRows | None:
    """The rows of a view's `get_queryset` or `queryset`."""
    this = Symbol("instance", view.path, view.name)
    own = project[class_member, (view, "get_queryset")]
    try:
        if isinstance(own, Symbol) and own.kind == "function":
            rows = forced(project, Later(own, (("self", this),)))
        else:
            rows = views.view_rows(project, this)
    except CyclicFact:
        return None
    if not isinstance(rows, Rows) or rows.form or not isinstance(rows.model, Symbol):
        return None
    return EntityRows(rows.model, rows.along)


@provides(row_loads)
def loads_in_method(project: Project, read: RowRead) -> tuple[tuple[str, str], ...]:
    """What a method loads of a row, in source order."""
    loaded = read.rows.loaded
    row = One(read.rows.model, loaded, loaded, loop="given")
    place = Place(read.function.path, read.function.name, ((read.parameter, row),))
    return tuple(dict.fromkeys((each.path, each.relation) for each in loads_of(project, place)))


@provides(handed_rows)
def rows_of_calls(project: Project, showing: Showing) -> tuple[tuple[At, EntityRows], ...]:
    """The rows that the calls of a function with `many=` are given."""
    view = showing.view
    given = (("self", Symbol("instance", view.path, view.name)),) if view is not None else ()
    try:
        traced = project[trace, Place(showing.function.path, showing.function.name, given)]
    except CyclicFact:
        return ()
    found = []
    for at, value in traced.handed:
        rows = value.item if isinstance(value, Items) else value
        plain = isinstance(rows, One) or (isinstance(rows, Rows) and not rows.form and not rows.small)
        if plain and isinstance(rows, (One, Rows)) and isinstance(rows.model, Symbol):
            found.append((at, EntityRows(rows.model, rows.along)))
    return tuple(found)
