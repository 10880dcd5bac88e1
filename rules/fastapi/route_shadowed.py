"""A route is never reached, because one registered before it matches all of its URLs.

## Why
FastAPI and Starlette try routes in the order of registration and take the first whose path and
method match. `/users/{id}` before `/users/me` takes the request for `me`, whatever type the
handler declares for `id`: the caller gets a 422, or an answer about the wrong thing. The same
happens to the second of two routes with one path and method, and to all that comes after a
catch-all or a mount.

## Instead
Register the route with the fixed path first, or narrow the earlier one in its path
(`/{id:int}`), or rename one of them.

## Known limits
Routes are compared within one application, after all prefixes are joined, when it is certain
that both are registered and in which order. Routes that are added to one router from several
modules have no certain order. Converters other than the built-in ones are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.wiring import HIDDEN
from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._shadowed import Shadowed, shadowed


@rule(of=shadowed, severity="error", constraint="wiring")
def route_shadowed(project: Project, pair: Shadowed) -> Iterator[Finding]:
    """Report a route that an earlier one hides."""
    path = _shown(pair.later)
    if pair.mount:
        reason = f"the application mounted before it at `{_shown(pair.earlier) or '/'}` takes every request below"
    elif pair.earlier == pair.later:
        reason = "an earlier route has the same method and path"
    else:
        reason = f"`{_shown(pair.earlier)}`, registered before it, matches all of its URLs"
    related = [Evidence(pair.earlier_at, "registered first")]
    related += [Evidence(at, "joined here") for at in pair.joins]
    yield Finding(
        pair.later_at,
        f"Route `{pair.method} {path}` is never reached: {reason}.",
        related=tuple(related),
        symbol=f"{pair.method} {path}",
    )


def _shown(path: str) -> str:
    """A path for people: what is not known of it as dots."""
    return "...".join(path.split(HIDDEN)[::2])
