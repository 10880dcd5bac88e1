"""A URL pattern whose view cannot be called with what the pattern captures, or is no view at all.

## Why
Django calls a view with the request and with everything that the route captures. A parameter of
another name, one that the route does not capture, or a generic view that finds neither `pk` nor
`slug` raises on every request. So does a class that is given without `as_view()`, and a method
that reads from `self.kwargs` what no route of its view captures.

## Instead
Give the parameter of the view the name that the route captures (`<int:book_id>` and
`def detail(request, book_id)`), set `pk_url_kwarg` or `lookup_url_kwarg` on generic views, and
write `Detail.as_view()`.

## Known limits
Views behind decorators of the project, with `*args` or an own `dispatch`, and routes with optional
groups or computed extra arguments are not compared. What methods read from `self.kwargs` counts where
the framework or the view itself calls them.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._patterns_contract import Mismatch, mismatches
from ._patterns_cover import shown
from ._patterns_kwargs import Uncaptured, uncaptured


def _wrong(project: Project) -> tuple[Mismatch | Uncaptured, ...]:
    return (*project[mismatches], *project[uncaptured])


@rule(of=_wrong, severity="error", constraint="wiring")
def url_view_contract_mismatch(project: Project, each: Mismatch | Uncaptured) -> Iterator[Finding]:
    """A pattern that leads to an exception."""
    pattern = each.pattern
    if isinstance(each, Uncaptured):
        yield Finding(
            each.at,
            f"`{each.view.last}` reads `{each.key}` from `self.kwargs`, which no route of it captures.",
            (Evidence(pattern.at, f"`{shown(pattern)}` leads to it"),),
            symbol=f"{each.view.last} {each.key}",
            cure=f"Capture `{each.key}` in the route, or read what it captures.",
        )
        return
    path = shown(pattern)
    view = each.method or (pattern.view.last if pattern.view else "")
    message, cure = _said(each, path, view)
    at, related = pattern.at, (Evidence(each.handler, f"`{view}` is defined here"),) if each.handler else ()
    if pattern.routed and each.handler is not None:
        at, related = each.handler, (Evidence(pattern.at, "the router makes the route here"),)
    yield Finding(at, message, related, symbol=f"{path} {view} {each.name}", cure=cure)


def _said(each: Mismatch, path: str, view: str) -> tuple[str, str]:
    """The sentence, and what to do."""
    if each.why in ("class", "object", "uncalled"):
        given = {"object": f"{view}()", "uncalled": f"{view}.as_view"}.get(each.why, view)
        return f"`{path}` is given `{given}` instead of `{view}.as_view()`.", f"Write `{view}.as_view()`."
    if each.why == "string":
        return f"`{path}` is given a string instead of a view.", "Import the view and pass the function itself."
    if each.why == "unexpected":
        what = f"`{path}` passes `{each.name}` to `{view}`, which has no such parameter."
        return what, f"Name a parameter of `{view}` `{each.name}`, or capture the name that it has."
    if each.why == "missing":
        what = f"`{view}` needs `{each.name}`, which `{path}` does not capture."
        return what, f"Capture `{each.name}` in the route, or give the parameter a default."
    what = f"`{view}` looks its object up by {each.name}, which `{path}` does not capture."
    return what, f"Capture {each.name} in the route, or say which name it is on the view."
