"""How FastAPI and Starlette register routes: decorators, `add_api_route`, `include_router`, `mount`, lists."""

from __future__ import annotations

from cdlint.backend.books import (
    Book,
    endpoints_of,
    everything,
    handler_of,
    names_of,
    path_of,
    place,
    roots,
    routers_of,
    served_by,
    unresolved_of,
)
from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Router, Unresolved, endpoints, routers, unresolved
from cdlint.backend.mentions import unseen
from cdlint.backend.wiring import Container, Inclusion, Route, Served
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts
from cdlint.project.object_traces import traces
from cdlint.project.objects import ON, Bound, Context, Happening, Items, Literal, Record, Thing, Value
from cdlint.rule import Location

from ._watch import ADDERS, APPLICATIONS, DECORATORS, MOUNT, MOVES, QUIET, ROUTERS, VERBS, WATCH


def wiring(project: Project) -> dict[Thing, Container]:
    """Every application and router with what it gets."""
    return _Book(project).gather(project[traces, WATCH])


class _Book(Book):
    """What the happenings say of FastAPI. A router's prefix counts as it stands when a route is added."""

    applications = APPLICATIONS

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.now: dict[Thing, str] = {}

    def begin(self) -> None:
        """A new trace begins with the prefixes that the constructors gave."""
        self.now = dict(self.prefixes)

    def made(self, thing: Thing, happening: Happening) -> None:
        """A router has a prefix; what else is made with a thing cannot be followed."""
        spread = happening.spread and thing.cls not in APPLICATIONS
        self.prefixes[thing] = path_of(happening, happening.argument(99, "prefix"), spread)
        rest = [value for key, value in happening.keywords if key != "routes"]
        self.away(Items((*happening.args, *rest)), "it is an argument of another")

    def read(self, thing: Thing, happening: Happening) -> None:
        """Note what is done with a thing."""
        method = happening.method.removeprefix("router.")
        if happening.kind == "escape":
            self.loose.setdefault(thing, method)
        elif happening.kind == "set":
            if method == "prefix" and happening.certain:
                self.now[thing] = path_of(happening, happening.args[0])
            elif method == "routes":
                self.reordered.add(thing)
        elif method == "__init__":
            self.listed(thing, happening.argument(99, "routes"), happening.conditions)
        elif method in ("include_router", "mount", "host"):
            self.join(thing, happening, method)
        elif method in ADDERS or (happening.kind == "decorate" and method in DECORATORS):
            self.add(thing, _route(self.project, happening, method, self.now.get(thing, "")))
        elif method.startswith("routes."):
            self.routes(thing, happening, method.rpartition(".")[2])
        elif happening.kind == "call" and method not in DECORATORS and method not in QUIET:
            self.away(everything(happening), f"it is passed to `{method}`")

    def routes(self, thing: Thing, happening: Happening, change: str) -> None:
        """Note a change of the list of routes."""
        if change in MOVES:
            self.reordered.add(thing)
        elif change == "append" and happening.args:
            self.listed(thing, Items(happening.args), happening.conditions)
        elif change == "extend" and happening.args:
            self.listed(thing, happening.args[0], happening.conditions)

    def listed(self, thing: Thing, given: Value | None, conditions: Context) -> None:
        """Note the routes in a list of them."""
        if isinstance(given, Bound) and given.name == "routes":
            given = Items((given.owner,))
        for each in given.items if isinstance(given, Items) else ():
            child = each.owner if isinstance(each, Bound) and each.name == "routes" else each
            if isinstance(child, Thing):
                self.add(thing, Inclusion(child, "", False, Location(child.path, child.at), conditions))
            elif isinstance(each, Record) and each.name.endswith(("Mount", "Host")):
                self.mounted(thing, each, conditions)
            elif isinstance(each, Record):
                self.add(thing, _recorded(self.project, each, conditions))

    def mounted(self, thing: Thing, record: Record, conditions: Context) -> None:
        """Note a `Mount` or `Host` in a list: what it holds is an application or a list of routes."""
        host = record.name.endswith("Host")
        prefix = "" if host else path_of(record, record.argument(0, "path")).rstrip("/")
        inner, given = record.argument(1, "app"), record.argument(2, "routes")
        child = inner.owner if isinstance(inner, Bound) and inner.name == "router" else inner
        if given is not None:
            child = Thing(MOUNT, None, record.path, record.at, ())
            self.listed(child, given, ())
        under = (*conditions, (record.path, record.at[0], ON)) if host else conditions
        known = child if isinstance(child, Thing) else None
        self.add(thing, Inclusion(known, prefix, not host, place(record), under))

    def join(self, thing: Thing, happening: Happening, method: str) -> None:
        """Note an `include_router`, a `mount` or a `host`."""
        joined = method == "include_router"
        given = happening.argument(0, "router") if joined else happening.argument(1, "app")
        path = happening.argument(99, "prefix") if joined else happening.argument(0, "path")
        prefix = "" if method == "host" else path_of(happening, path, happening.spread)
        if method == "mount":
            prefix = prefix.rstrip("/")
        elif method == "host":
            # It hides nothing that other hosts ask for.
            at = (happening.path, happening.at[0], ON)
            happening = happening._replace(conditions=(*happening.conditions, at))
        child = given.owner if isinstance(given, Bound) and given.name == "router" else given
        self.include(thing, child, self.now.get(thing, "") + prefix, happening, method == "mount")


def _route(project: Project, happening: Happening, method: str, prefix: str) -> Route:
    """The route that an adding method or a decorator makes."""
    handler, at = happening.handler, happening.handler_at
    if method in ADDERS:
        handler = handler_of(happening.argument(1, ADDERS[method]))
    path = prefix + path_of(happening, happening.argument(0, "path"), True)
    return Route(_methods(project, happening, method, handler), path, handler, place(happening),
                 Location(handler.path, at) if handler and at else None, happening.conditions)  # fmt: skip


def _methods(project: Project, happening: Happening, method: str, handler: Symbol | None) -> tuple[str, ...]:
    """The methods of a route; none when they are not known."""
    if method in VERBS:
        return (method.upper(),)
    if "websocket" in method:
        return ("WEBSOCKET",)
    given = happening.argument(2 if method == "add_route" else 99, "methods")
    if given is None and method == "route":
        given = happening.argument(1, "methods")
    if given is None or given == Literal(None):
        return () if happening.spread else _default(project, handler)
    return names_of(given)


def _default(project: Project, handler: Symbol | None) -> tuple[str, ...]:
    """The methods of a route that names none: `GET`, or the verbs that an endpoint class defines."""
    if handler is None or handler.kind != "class":
        return ("GET",)
    owners = [class_facts(project, owner) for owner in project[ancestry, handler].first_party]
    defined = {name for facts in owners if facts for name in facts.methods}
    return tuple(verb.upper() for verb in VERBS if verb in defined) or ("WEBSOCKET",)


def _recorded(project: Project, record: Record, conditions: Context) -> Route:
    """The route that a `Route` in a list is."""
    handler = handler_of(record.argument(1, "endpoint"))
    given = record.argument(2 if record.name.startswith("starlette") else 99, "methods")
    methods = _default(project, handler) if given is None or given == Literal(None) else names_of(given)
    if "WebSocket" in record.name:
        methods = ("WEBSOCKET",)
    return Route(methods, path_of(record, record.argument(0, "path")), handler, place(record), None, conditions)


def applications(project: Project) -> tuple[Thing, ...]:
    """The applications that are not mounted or included in another."""
    return roots(project[wiring])


def tables(project: Project) -> tuple[tuple[Served, ...], ...]:
    """What each application serves, in the order of registration."""
    return served_by(project[wiring])


@provides(endpoints)
def fastapi_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of FastAPI and Starlette applications."""
    return endpoints_of(project[tables], "fastapi")


def dynamic(project: Project) -> tuple[tuple[Location, str], ...]:
    """Joins whose router is not known, each with the name of the attribute it is read from, if any."""
    found: dict[tuple[Location, str], None] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            if happening.kind != "call" or happening.method.removeprefix("router.") != "include_router":
                continue
            name = unseen(happening.argument(0, "router"))
            if name is not None:
                found[(Location(happening.path, happening.at), name)] = None
    return tuple(found)


@provides(unresolved)
def fastapi_unresolved(project: Project) -> tuple[Unresolved, ...]:
    """Registrations of FastAPI that could not be followed."""
    found = [Unresolved(at, "include_router", "the router is not known") for at, _ in project[dynamic]]
    return tuple(dict.fromkeys([*found, *unresolved_of(project[tables], project[traces, WATCH])]))


@provides(routers)
def fastapi_routers(project: Project) -> tuple[Router, ...]:
    """The routers of the repository, one for each place that makes one, with whether they are served."""
    names = frozenset(name for _, name in project[dynamic])
    return routers_of(project, project[wiring], project[traces, WATCH], names, ROUTERS, "fastapi")
