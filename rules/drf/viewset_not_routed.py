"""A view that answers requests is on no router and in no URL pattern, or a router is in none.

## Why
A viewset answers only where a router holds it and the router's `urls` stand in some `urlpatterns`.
Nothing complains when one of these lines is missing: the endpoint is just a 404.

## Instead
Register the viewset, write a `path()` for the view, or add `include(router.urls)` to `urlpatterns`.

## Known limits
A view whose name is written anywhere else than in imports, `__all__` and tests counts as used. Bases,
what is named like one (`Base...`, `...Mixin`), views with class decorators, and repositories that look
for views by computed names or offer a package to other projects are passed over. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, rule

from ._unrouted import Unrouted, unrouted


@rule(of=unrouted, severity="error", constraint="wiring", precision="A")
def viewset_not_routed(project: Project, each: Unrouted) -> Iterator[Finding]:
    """A view or a router that no URL leads to."""
    if each.kind == "router":
        message = f"`{each.name}` holds `{each.holds}`, but no URL pattern uses its `urls`."
        cure = f"Add `include({each.name}.urls)` to `urlpatterns`."
    elif each.others:
        more = f"{each.others} more view{'s' * (each.others > 1)} of this file"
        message = f"`{each.name}` and {more} are registered on no router, and no URL pattern leads to them."
        cure = "Register them on a router or write a `path()` for each, or remove the file."
    else:
        message = f"`{each.name}` is registered on no router, and no URL pattern leads to it."
        cure = "Register it on a router or write a `path()` for it, or remove it."
    yield Finding(each.at, message, symbol=f"{each.kind}:{each.name}", cure=cure)
