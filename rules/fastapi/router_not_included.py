"""An `APIRouter` with operations is joined to no application, so none of its paths is served.

## Why
A router is only a list until `include_router` copies it into an application. When that call is
missing, nothing fails: the module imports, the handlers type-check, their unit tests pass. Every
request to the paths is answered with 404.

## Instead
Include the router in the application, or in a router that the application includes:
`app.include_router(orders.router)`. Delete the router if it is no longer wanted.

## Known limits
Nothing is said when the repository makes no application (a library), when the router is passed
to code that cannot be seen, kept in a container that is not followed, returned to an unknown
caller or used by tests, nor when routers are included that are not known (a loop over modules
that are imported by computed names).
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.endpoints import Router
from cdlint.backend.setups import Setup, uncalled
from cdlint.backend.wiring import Route, Wiring, served
from cdlint.project import Project
from cdlint.project.object_traces import traces
from cdlint.rule import Evidence, Finding, Location, rule

from ._misgiven import Misgiven, misgiven
from ._watch import WATCH
from ._wiring import fastapi_routers, wiring

_JOINING = frozenset({"include_router", "add_route"})


def _unserved(project: Project) -> tuple[Router | Setup | Misgiven, ...]:
    setups = uncalled(project, project[wiring], project[traces, WATCH], _JOINING)
    return (*project[fastapi_routers], *setups, *project[misgiven])


@rule(of=_unserved, severity="error", constraint="wiring")
def router_not_included(project: Project, router: Router | Setup | Misgiven) -> Iterator[Finding]:
    """Report a router whose operations no application serves, and what is no router."""
    if isinstance(router, Misgiven):
        yield Finding(
            router.at,
            f"`include_router` is given the function `{router.name}`, which is no router: the start fails.",
            symbol=router.name,
            cure=f"Give it what `{router.name}()` returns.",
        )
        return
    if isinstance(router, Setup):
        yield Finding(
            router.at,
            f"Nothing calls `{router.name}`, so the router that it makes answers 404."
            if router.made
            else f"Nothing calls `{router.name}`, so the routers that it includes answer 404.",
            related=(Evidence(router.joining, "it is made here" if router.made else "they would be included here"),),
            symbol=router.name,
            cure="Include what it returns where the application is made."
            if router.made
            else "Call it with the application where that is made.",
        )
        return
    if router.reached is not False or not router.operations:
        return
    lost = _lost(project[wiring], router)
    if not lost:
        return
    route, count = lost[0], "1 operation" if len(lost) == 1 else f"{len(lost)} operations"
    yield Finding(
        router.at,
        f"Router `{router.name}` with {count} is included in no application, so its paths answer 404.",
        related=(Evidence(route.at, "an operation that is not served"),),
        symbol=router.name,
    )


def _lost(wiring: Wiring, router: Router) -> list[Route]:
    """The operations of a router that no application serves under their paths in some other way."""
    thing = next(each for each in wiring if (each.path, each.at) == (router.at.path, router.at.at))
    paths: dict[Location, list[str]] = {}
    for container in wiring.values():
        for each in served(wiring, container.thing) if container.application else ():
            paths.setdefault(each.route.at, []).append(each.path)
    return [
        each.route
        for each in served(wiring, thing)
        if isinstance(each.route, Route) and not any(path.endswith(each.path) for path in paths.get(each.route.at, ()))
    ]
