"""How aiohttp registers routes: the router's methods, route tables, lists of definitions, sub-applications."""

from __future__ import annotations

from cdlint.backend.books import (
    Book,
    endpoints_of,
    everything,
    handler_of,
    path_of,
    place,
    served_by,
    unresolved_of,
)
from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Unresolved, endpoints, unresolved
from cdlint.backend.wiring import Container, Inclusion, Route, Served
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry, class_facts
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Bound, Context, Happening, Items, Record, Thing, Value, Watch
from cdlint.rule import Location

APPLICATIONS = frozenset({"aiohttp.web.Application", "aiohttp.web_app.Application"})
TABLES = frozenset({"aiohttp.web.RouteTableDef", "aiohttp.web_routedef.RouteTableDef"})
RESOURCE = "aiohttp.web.Resource"
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_HOMES = ("aiohttp.web", "aiohttp.web_routedef")
_ADDERS = frozenset({*(f"add_{verb}" for verb in VERBS), "add_route", "add_view"})
_DECORATORS = frozenset({*VERBS, "route", "view"})
_LISTS = frozenset({"add_routes", "extend"})
_QUIET = frozenset(
    {"__init__", "add_static", "add_resource", "on_startup.append", "on_cleanup.append", "on_shutdown.append",
     "cleanup_ctx.append", "middlewares.append", "static", "named_resources", "resources", "routes", "freeze"}
)  # fmt: skip
WATCH = Watch(
    APPLICATIONS | TABLES,
    frozenset({*_ADDERS, "add_routes", "add_subapp", "add_resource"}),
    _DECORATORS,
    frozenset({"aiohttp.web.run_app", "aiohttp.web.AppRunner", "aiohttp_jinja2.setup", "aiohttp_session.setup",
               "aiohttp_cors.setup", "aiohttp_security.setup"}),
    makes=(("add_resource", RESOURCE), ("router.add_resource", RESOURCE)),
    records=frozenset(f"{home}.{name}" for home in _HOMES for name in ("route", "view", *VERBS)),
    single=APPLICATIONS,
)  # fmt: skip


def wiring(project: Project) -> dict[Thing, Container]:
    """Every application and route table with what it gets."""
    return _Book(project).gather(project[traces, WATCH])


class _Book(Book):
    """What the happenings say of aiohttp. A resource has its path, and is joined to what made it."""

    applications = APPLICATIONS

    def made(self, thing: Thing, happening: Happening) -> None:
        """A resource is made for its path."""
        if thing.cls == RESOURCE:
            self.prefixes[thing] = path_of(happening, happening.argument(0, "path"), True)

    def read(self, thing: Thing, happening: Happening) -> None:
        """Note what is done with a thing."""
        method = happening.method.removeprefix("router.")
        if happening.kind == "escape":
            self.loose.setdefault(thing, method)
        elif method == "add_subapp":
            prefix = path_of(happening, happening.argument(0, "prefix")).rstrip("/")
            self.include(thing, happening.argument(1, "subapp"), prefix, happening)
        elif happening.result is not None:
            self.include(thing, happening.result, self.prefixes.get(happening.result, ""), happening)
        elif method in _LISTS:
            self.listed(thing, happening.argument(0, "routes"), happening.conditions)
        elif method in _ADDERS or (happening.kind == "decorate" and method in _DECORATORS):
            self.add(thing, _route(self.project, thing, happening, method))
        elif happening.kind == "call" and method not in _DECORATORS | _QUIET:
            self.away(everything(happening), f"it is passed to `{method}`")

    def listed(self, thing: Thing, given: Value | None, conditions: Context) -> None:
        """Note the definitions in a list, or a route table."""
        for each in given.items if isinstance(given, Items) else (given,):
            if isinstance(each, Thing):
                self.add(thing, Inclusion(each, "", False, Location(each.path, each.at), conditions))
            elif isinstance(each, Record):
                self.add(thing, _recorded(self.project, each, conditions))


def _route(project: Project, thing: Thing, happening: Happening, method: str) -> Route:
    """The route that an adding method or a decorator makes."""
    verb = method.removeprefix("add_")
    inner = thing.cls == RESOURCE
    named = verb == "route"
    # A method comes first, then the path, which a resource has already, then the handler.
    given = happening.argument(0, "method") if named else None
    path = "" if inner else path_of(happening, happening.argument(1 if named else 0, "path"), True)
    handler = happening.handler
    if happening.kind != "decorate":
        handler = handler_of(happening.argument(named + (not inner), "handler"))
    at = Location(handler.path, happening.handler_at) if handler and happening.handler_at else None
    methods = _methods(project, verb, given, handler)
    return Route(methods, path, handler, place(happening), at, happening.conditions)


def _recorded(project: Project, record: Record, conditions: Context) -> Route:
    """The route that a definition in a list is."""
    verb = record.name.rpartition(".")[2]
    named = verb == "route"
    handler = handler_of(record.argument(1 + named, "handler"))
    methods = _methods(project, verb, record.argument(0, "method") if named else None, handler)
    path = path_of(record, record.argument(int(named), "path"), True)
    return Route(methods, path, handler, place(record), None, conditions)


def _methods(project: Project, verb: str, given: Value | None, handler: Symbol | None) -> tuple[str, ...]:
    """The methods of a route; of a class with verbs those, `ANY` for a function that takes all."""
    if verb in VERBS:
        return (verb.upper(),)
    known = "*" if verb == "view" else unwrap(given)
    if not isinstance(known, str):
        return ()
    if known != "*":
        return (known.upper(),)
    if handler is None or handler.kind != "class":
        return ("ANY",)
    owners = [class_facts(project, owner) for owner in project[ancestry, handler].first_party]
    defined = {name for facts in owners if facts for name in facts.methods}
    return tuple(each.upper() for each in VERBS if each in defined)


def tables(project: Project) -> tuple[tuple[Served, ...], ...]:
    """What each application serves."""
    return served_by(project[wiring])


@provides(endpoints)
def aiohttp_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of aiohttp applications."""
    return endpoints_of(project[tables], "aiohttp")


@provides(unresolved)
def aiohttp_unresolved(project: Project) -> tuple[Unresolved, ...]:
    """Registrations of aiohttp that could not be followed."""
    found = []
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            method = happening.method.removeprefix("router.")
            given = happening.argument(0, "routes") if method == "add_routes" else None
            child = happening.argument(1, "subapp") if method == "add_subapp" else None
            known = isinstance(given, (Items, Thing, Bound)) or isinstance(child, Thing)
            if happening.kind == "call" and (given is not None or child is not None) and not known:
                found.append(Unresolved(place(happening), method, "what is added is not known"))
    return tuple(dict.fromkeys([*found, *unresolved_of(project[tables], project[traces, WATCH])]))
