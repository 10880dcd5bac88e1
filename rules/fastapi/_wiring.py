"""How FastAPI and Starlette register routes: decorators, `add_api_route`, `include_router`, `mount`."""

from __future__ import annotations

from typing import Any

from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Router, Unresolved, endpoints, routers, unresolved
from cdlint.backend.mentions import followed, mentioned, unseen, variable_of
from cdlint.backend.wiring import (
    HIDDEN,
    Container,
    Inclusion,
    Route,
    Served,
    Step,
    Wiring,
    hidden,
    operations,
    reached,
    served,
)
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Bound, Happening, Items, Literal, Thing, Value, Watch, things_in
from cdlint.rule import Location

APPLICATIONS = frozenset({"fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"})
ROUTERS = frozenset(
    {
        "fastapi.APIRouter",
        "fastapi.routing.APIRouter",
        "starlette.routing.Router",
        "fastapi_utils.inferring_router.InferringRouter",
        "fastapi_restful.inferring_router.InferringRouter",
    }
)
VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_DECORATORS = frozenset({*VERBS, "api_route", "route", "websocket", "websocket_route"})
_ADDERS = {"add_api_route": "endpoint", "add_route": "route", "add_api_websocket_route": "endpoint",
           "add_websocket_route": "route"}  # fmt: skip
_QUIET = frozenset(
    {"add_middleware", "add_exception_handler", "exception_handler", "middleware", "on_event", "add_event_handler",
     "openapi", "url_path_for", "setup", "build_middleware_stack", "state", "__init__"}
)  # fmt: skip
_MOVES = frozenset({"remove", "insert", "sort", "reverse", "clear", "pop"})
WATCH = Watch(
    APPLICATIONS | ROUTERS,
    frozenset({"include_router", "mount", *_ADDERS}),
    _DECORATORS,
    frozenset({"fastapi_utils.cbv.cbv", "fastapi_restful.cbv.cbv", "fastapi.testclient.TestClient", "uvicorn.run"}),
)
ANY = ("*",)
"""The methods of a mount: all of them."""


def wiring(project: Project) -> dict[Thing, Container]:
    """Every application and router with what it gets."""
    book = _Book()
    found = project[traces, WATCH]
    for each in found:
        for happening in each.happenings:
            book.prefix(happening)
    for each in found:
        prefixes = dict(book.prefixes)
        for happening in each.happenings:
            book.read(happening, (each.path, each.function), prefixes)
    return book.containers()


class _Book:
    """What the happenings say, gathered by thing."""

    def __init__(self) -> None:
        self.prefixes: dict[Thing, str] = {}
        self.steps: dict[Thing, dict[Step, None]] = {}
        self.loose: dict[Thing, str] = {}
        self.reordered: set[Thing] = set()

    def prefix(self, happening: Happening) -> None:
        """Note a thing that is made, with the prefix that it is made with."""
        thing = happening.receiver
        if isinstance(thing, Thing) and happening.kind == "made":
            self.steps.setdefault(thing, {})
            self.prefixes.setdefault(thing, "")
        if isinstance(thing, Thing) and happening.method == "__init__":
            spread = happening.spread and thing.cls not in APPLICATIONS
            self.prefixes[thing] = _path(happening, happening.argument(99, "prefix"), spread)
            for value in (*happening.args, *(each for _, each in happening.keywords)):
                self.away(value, "it is an argument of another")

    def away(self, value: Value, why: str) -> None:
        """Things in a value go where nobody can follow them."""
        for thing in things_in(value):
            self.loose.setdefault(thing, why)

    def read(self, happening: Happening, origin: tuple[str, str], prefixes: dict[Thing, str]) -> None:
        """Note what is done with a thing."""
        thing, method = happening.receiver, happening.method.removeprefix("router.")
        if not isinstance(thing, Thing):
            self.away(_all(happening), "it is joined to something that is not known")
            return
        self.steps.setdefault(thing, {})
        if happening.kind == "escape":
            self.loose.setdefault(thing, method)
        elif happening.kind == "set":
            if method == "prefix" and happening.certain:
                prefixes[thing] = _path(happening, happening.args[0], False)
            elif method == "routes":
                self.reordered.add(thing)
        elif method == "include_router" or method == "mount":
            self.join(thing, happening, origin, prefixes)
        elif method in _ADDERS or (happening.kind == "decorate" and method in _DECORATORS):
            self.add(thing, Step(origin, _route(happening, method, prefixes.get(thing, ""))))
        elif method.startswith("routes.") and method.rpartition(".")[2] in _MOVES:
            self.reordered.add(thing)
        elif happening.kind == "call" and method not in _DECORATORS and method not in _QUIET:
            self.away(_all(happening), f"it is passed to `{method}`")

    def add(self, thing: Thing, step: Step) -> None:
        """Note a step of a thing, once."""
        self.steps[thing].setdefault(step)

    def join(self, thing: Thing, happening: Happening, origin: tuple[str, str], prefixes: dict[Thing, str]) -> None:
        """Note an `include_router` or `mount`."""
        mounted = happening.method.endswith("mount")
        given = happening.argument(1, "app") if mounted else happening.argument(0, "router")
        path = happening.argument(0, "path") if mounted else happening.argument(99, "prefix")
        prefix = _path(happening, path, happening.spread)
        if mounted:
            prefix = prefix.rstrip("/")
        child = given.owner if isinstance(given, Bound) and given.name == "router" else given
        if not isinstance(child, Thing):
            self.away(child, "it is wrapped before it is joined")
        at, prefix = Location(happening.path, happening.at), prefixes.get(thing, "") + prefix
        part = Inclusion(child if isinstance(child, Thing) else None, prefix, mounted, at, happening.conditions)
        self.add(thing, Step(origin, part))

    def containers(self) -> dict[Thing, Container]:
        """The containers, by thing."""
        return {
            thing: Container(
                thing, thing.cls in APPLICATIONS, tuple(steps), self.loose.get(thing, ""), thing in self.reordered
            )
            for thing, steps in self.steps.items()
        }


def _all(happening: Happening) -> Value:
    return Items((*happening.args, *(value for _, value in happening.keywords)))


def _path(happening: Happening, value: Value | None, spread: bool) -> str:
    """A path or prefix as text, what is not known hidden."""
    if value is None or value == Literal(None):
        return hidden(Location(happening.path, happening.at)) if spread else ""
    known = unwrap(value)
    return known if isinstance(known, str) else hidden(Location(happening.path, happening.at))


def _route(happening: Happening, method: str, prefix: str) -> Route:
    handler, at = happening.handler, happening.handler_at
    if method in _ADDERS:
        value = happening.argument(1, _ADDERS[method])
        value = getattr(value, "function", value)
        handler = value if isinstance(value, Symbol) else None
    path = prefix + _path(happening, happening.argument(0, "path"), True)
    return Route(_methods(happening, method), path, handler, Location(happening.path, happening.at),
                 Location(handler.path, at) if handler and at else None, happening.conditions)  # fmt: skip


def _methods(happening: Happening, method: str) -> tuple[str, ...]:
    """The methods of a route; none when they are not known."""
    if method in VERBS:
        return (method.upper(),)
    if "websocket" in method:
        return ("WEBSOCKET",)
    given = happening.argument(2 if method == "add_route" else 99, "methods")
    if given is None and method == "route":
        given = happening.argument(1, "methods")
    if given is None or given == Literal(None):
        return () if happening.spread else ("GET",)
    known: Any = unwrap(given)
    if isinstance(known, (tuple, list)) and all(isinstance(each, str) for each in known):
        return tuple(dict.fromkeys(each.upper() for each in known))
    return ()


def applications(project: Project) -> tuple[Thing, ...]:
    """The applications that are not mounted or included in another."""
    found = project[wiring]
    inner = {step.part.child for each in found.values() for step in each.steps if isinstance(step.part, Inclusion)}
    return tuple(sorted((thing for thing, each in found.items() if each.application and thing not in inner), key=repr))


def tables(project: Project) -> tuple[tuple[Served, ...], ...]:
    """What each application serves, in the order of registration."""
    found: Wiring = project[wiring]
    return tuple(tuple(served(found, thing)) for thing in project[applications])


@provides(endpoints)
def fastapi_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of FastAPI and Starlette applications."""
    found: dict[Endpoint, None] = {}
    for table in project[tables]:
        for each in table:
            route = each.route
            if isinstance(route, Inclusion) or route.handler is None or HIDDEN in each.path:
                continue
            for method in route.methods:
                found[Endpoint(method, each.path, route.handler, route.at, "fastapi", each.certain)] = None
    return tuple(found)


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
    for table in project[tables]:
        for each in table:
            if HIDDEN in each.path:
                found.append(Unresolved(each.route.at, "path", "a prefix or path is not known"))
    return tuple(dict.fromkeys(found))


@provides(routers)
def fastapi_routers(project: Project) -> tuple[Router, ...]:
    """The routers of the repository, one for each place that makes one, with whether they are served."""
    found = project[wiring]
    if not project[applications]:
        return ()
    state = reached(found)
    known = followed(project[traces, WATCH])
    loose_names = {name for _, name in project[dynamic]}
    nested = {step.part.child for each in found.values() for step in each.steps if isinstance(step.part, Inclusion)}
    places: dict[Location, list[Thing]] = {}
    for thing, container in found.items():
        if not container.application and thing not in nested:
            places.setdefault(Location(thing.path, thing.at), []).append(thing)
    made = []
    for at, group in sorted(places.items()):
        name = variable_of(project, at.path, at.at[0])
        states = {state[thing] for thing in group}
        count = max(len(operations(found, thing)) for thing in group)
        served_ = True if True in states else None if None in states else False
        if served_ is False and count:
            hit = "" in loose_names or name.rpartition(".")[2] in loose_names
            if hit or not name or mentioned(project, Symbol("variable", at.path, name), known):
                served_ = None
        made.append(Router(name, at, "fastapi", count, served_))
    return tuple(made)
