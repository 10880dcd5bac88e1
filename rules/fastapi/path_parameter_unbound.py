"""A parameter in the path is bound by nothing, while the handler wants one of another name.

## Why
FastAPI joins path and handler by name. With `/items/{item_id}` and `def show(id: int)` the path's
`item_id` goes nowhere, and `id` becomes a required parameter of the query: every request is
answered with 422.

## Instead
Use one name in both, in the path with all its prefixes and in the handler or the dependency that
reads it.

## Known limits
Prefixes of routers are joined, dependencies are followed, those of routers included. A handler
that takes the request itself is passed over, and so is a path whose parameters are all read.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._signatures import Unbound, unbound


@rule(of=unbound, severity="error", constraint="wiring")
def path_parameter_unbound(project: Project, each: Unbound) -> Iterator[Finding]:
    """One finding a parameter of a handler."""
    name, wanted = each.given.param.name, each.variable
    handler = each.handler.function
    yield Finding(
        Location(handler.path, each.given.param.at),
        f"`{handler.last}` takes `{name}`, and the path `{each.path}` has `{wanted}`:"
        f" `{name}` is wanted in the query, and each request without it is a 422.",
        related=(Evidence(Location(each.handler.scope[0], each.handler.call.at), f"the route, at `{each.path}`"),),
        symbol=f"{handler.name}: {wanted}",
        cure=f"Rename the parameter to `{wanted}`, or the one in the path to `{name}`.",
    )
