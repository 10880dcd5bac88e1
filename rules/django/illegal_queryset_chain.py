"""A queryset method is called on rows that refuse it: after a slice, a union or `values()`.

## Why
A slice is the end of a query: `rows[:5].filter(...)`, `.order_by(...)`, `.update(...)` and
`.delete()` raise `TypeError`. After `union()` only slicing, ordering and `values()` are supported;
`filter` and `annotate` raise `NotSupportedError`. Rows of `values()` cannot be deleted. The two
halves often stand in different functions, where each looks right.

## Instead
Filter and order first, slice last. To change the first rows, select them by key:
`Model.objects.filter(pk__in=ids)`.

## Known limits
Querysets that are given to a function from outside, or that come from places that cannot be
followed, are not looked at. Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._querysets import Place
from ._querysets_order import Refused, refused
from ._related_loops import looping


@rule(of=looping, severity="error", constraint="query")
def illegal_queryset_chain(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a call."""
    for each in refused(project, place):
        model = each.model.last if isinstance(each.model, Symbol) else each.model
        yield Finding(
            Location(place.path, each.at),
            _message(each, model),
            symbol=f"{place.qualname}:{model}:{each.method}:{each.after}",
            cure=_cure(each),
        )


def _message(each: Refused, model: str) -> str:
    if each.after == "cut":
        return f"`{each.method}()` is called on rows of `{model}` that are already sliced."
    if each.after == "child":
        return f"`{each.method}()` cannot make rows of `{model}`, whose parent is a model with a table of its own."
    return f"`{each.method}()` is called on rows of `{model}` after `{each.after}()`, which does not support it."


def _cure(each: Refused) -> str:
    if each.after == "cut":
        return f"Call `{each.method}()` before slicing, or select the sliced rows by their keys in a new query."
    if each.after == "child":
        return "Save the instances one by one."
    return f"Call `{each.method}()` before `{each.after}()`."
