"""A view or viewset lacks what the framework needs to route it or to answer.

## Why
`ViewSet.as_view()` without a mapping of methods, `@action` without `detail`, and registering a
viewset that has no `queryset` without a `basename` stop the import of the URL configuration. A
generic view without a queryset or serializer, or with `permission_classes = IsAuthenticated`
instead of a list, raises on its first request.

## Instead
Give the view what is missing, or register it with the router.

## Known limits
Only views that some `as_view()` or `register()` reaches are asked for a queryset and serializer, and
only when they write none of their handlers themselves and all their bases are known. Tests are left
out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._viewsets import files, misconfigured

_MESSAGES = {
    "sequence": "`{name}` of `{owner}` is a class, not a list of classes.",
    "detail": "The action `{name}` of `{owner}` does not say whether it is for one object: `detail` is required.",
    "actions": "The viewset `{owner}` is made a view without saying which methods run which actions.",
    "basename": "The viewset `{owner}` is registered without `basename` and has no `queryset` to take one from.",
    "queryset": "The view `{owner}` has neither `queryset` nor `get_queryset()`.",
    "serializer": "The view `{owner}` has neither `serializer_class` nor `get_serializer_class()`.",
}
_CURES = {
    "sequence": "Write it as a list.",
    "detail": "Add `detail=True` or `detail=False`.",
    "actions": 'Pass a mapping such as `{{"get": "list"}}`, or register the viewset with a router.',
    "basename": "Pass `basename=`.",
}


@rule(of=files, severity="error", constraint="wiring")
def viewset_misconfigured(project: Project, path: str) -> Iterator[Finding]:
    """One finding for each thing that is missing."""
    for each in misconfigured(project, path):
        yield Finding(
            each.at,
            _MESSAGES[each.why].format(owner=each.owner, name=each.name),
            symbol=f"{each.owner}:{each.why}:{each.name}",
            cure=_CURES.get(each.why, "").format(),
        )
