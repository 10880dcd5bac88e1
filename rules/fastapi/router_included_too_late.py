"""A router is included before it gets all of its routes, and inclusion copies what is there.

## Why
Up to FastAPI 0.136 `include_router` copies the routes that the router has at that moment. What it
gets afterwards, by decorators below the call or from a router included into it, is not served: its
paths answer 404, and nothing says so.

## Instead
Include the innermost routers first, and the outermost into the application last.

## Known limits
Only for versions of FastAPI that are known to copy. The order must be that of one module or one
function and what it calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.mentions import variable_of
from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._late import Late, late


@rule(of=late, severity="error", constraint="wiring", when={"fastapi": "<0.137"})
def router_included_too_late(project: Project, each: Late) -> Iterator[Finding]:
    """One finding an inclusion."""
    name = variable_of(project, each.router.path, each.router.at[0]) or "a router"
    what = "another router" if each.what == "router" else "a route"
    yield Finding(
        each.included,
        f"`{name}` is included before it gets {what}, which this FastAPI does not serve then.",
        related=(Evidence(each.added, "this comes too late"),),
        symbol=f"{name}: {each.what}",
        cure="Move the call behind everything that the router gets.",
    )
