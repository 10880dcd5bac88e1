"""A URL is asked for by a name that no route has, or with other parameters than its path has.

## Why
`request.url_for("read_user", user_id=1)` raises `NoMatchFound` when no route has the name, or when the
parameters that it is given are not exactly those of the path. The name of a route is that of its
function unless `name=` says another, so renaming a function breaks what asks for it.

## Instead
Use the name of the function, or give the route a `name=` that stays.

## Known limits
Names are compared with those of all routes of the repository, whatever application they are joined
to, and only where no router of another package is joined. Templates are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._named_urls import asking, names, wrongly_asked


@rule(of=asking, severity="error", constraint="wiring")
def url_for_unknown_route(project: Project, path: str) -> Iterator[Finding]:
    """One finding a call."""
    for each in project[wrongly_asked, path]:
        near = get_close_matches(each.name, sorted(project[names].known), n=1, cutoff=0.6)
        if not each.lacking and not each.extra:
            text = f"No route is named `{each.name}`, so asking for its URL raises `NoMatchFound`."
            cure = f"Did you mean `{near[0]}`?" if near else ""
        else:
            wrong = ", ".join(f"`{name}`" for name in each.lacking or each.extra)
            told = "is asked for without" if each.lacking else "has no parameter"
            text = f"The URL of `{each.name}` {told} {wrong}, so that no route matches."
            cure = "Give exactly the parameters of its path."
        yield Finding(Location(path, each.at), text, symbol=f"{each.name}", cure=cure)
