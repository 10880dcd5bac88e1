"""How Flask registers views: `route`, `add_url_rule`, class-based views, blueprints, resources of extensions."""

from __future__ import annotations

from cdlint.backend.books import (
    Book,
    endpoints_of,
    everything,
    handler_of,
    names_of,
    path_of,
    place,
    routers_of,
    served_by,
    unresolved_of,
)
from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Router, Unresolved, endpoints, routers, unresolved
from cdlint.backend.mentions import unseen
from cdlint.backend.wiring import HIDDEN, Container, Route, Served
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, fields
from cdlint.project.constants import fold
from cdlint.project.object_traces import traces
from cdlint.project.objects import Happening, Literal, Thing, Value
from cdlint.rule import Location

from ._watch import ALL_VERBS, APIS, APPLICATIONS, BLUEPRINTS, NAMESPACES, QUIET, REGISTER, ROUTES, VERBS, WATCH


def wiring(project: Project) -> dict[Thing, Container]:
    """Every application, blueprint, api and namespace with what it gets."""
    return _Book(project).gather(project[traces, WATCH])


class _Book(Book):
    """What the happenings say of Flask."""

    applications = APPLICATIONS

    def made(self, thing: Thing, happening: Happening) -> None:
        """A blueprint has its prefix, an api stands before its rules, a namespace is called after its path."""
        if thing.cls in BLUEPRINTS:
            self.prefixes[thing] = path_of(happening, happening.argument(5, "url_prefix"), happening.spread)
        elif thing.cls in APIS:
            position = 1 if "restful" in thing.cls else 99
            self.prefixes[thing] = path_of(happening, happening.argument(position, "prefix"), happening.spread)
        elif thing.cls in NAMESPACES:
            self.prefixes[thing] = _own_path(happening)

    def read(self, thing: Thing, happening: Happening) -> None:
        """Note what is done with a thing."""
        method = happening.method
        if happening.kind == "escape":
            self.loose.setdefault(thing, method)
        elif thing.cls in APIS | NAMESPACES and method not in REGISTER:
            self.resource(thing, happening)
        elif method in REGISTER and happening.kind == "call":
            self.join(thing, happening)
        elif method == "add_url_rule" or (happening.kind == "decorate" and method in ROUTES):
            for route in _routes(self.project, happening):
                self.add(thing, route)
        elif happening.kind == "call" and method not in ROUTES | QUIET:
            self.away(everything(happening), f"it is passed to `{method}`")

    def join(self, thing: Thing, happening: Happening) -> None:
        """Note a `register_blueprint`: a prefix given there takes the place of the blueprint's own."""
        child = happening.argument(0, "blueprint")
        given = happening.argument(99, "url_prefix")
        prefix = path_of(happening, given, happening.spread).rstrip("/")
        if isinstance(child, Thing) and not happening.spread and (given is None or given == Literal(None)):
            prefix = self.prefixes.get(child, "").rstrip("/")
        self.include(thing, child, prefix, happening)

    def resource(self, thing: Thing, happening: Happening) -> None:
        """Note what is done with an api or namespace: resources under urls, all pieces put together as they are."""
        method = happening.method
        if method in ("__init__", "init_app"):
            parent = happening.argument(0, "app")
            if isinstance(parent, Thing) and thing.cls in APIS:
                self.include(parent, thing, self.prefixes.get(thing, ""), happening)
        elif method in ("add_namespace", "namespace"):
            child = happening.result or happening.argument(0, "ns")
            given = None if happening.result else happening.argument(1, "path")
            own = self.prefixes.get(child, "") if isinstance(child, Thing) else ""
            self.include(thing, child, path_of(happening, given, happening.spread) or own, happening)
        elif method == "add_resource" or (happening.kind == "decorate" and method in ("route", "resource")):
            for route in _resources(self.project, happening):
                self.add(thing, route)


def _own_path(happening: Happening) -> str:
    """The path of a namespace: given, or its name."""
    path = path_of(happening, happening.argument(2, "path"), happening.spread)
    return (path or "/" + path_of(happening, happening.argument(0, "name"))).rstrip("/")


def _resources(project: Project, happening: Happening) -> list[Route]:
    """The routes of a resource: each of its urls with the verbs of the class."""
    added = happening.method == "add_resource"
    handler = handler_of(happening.argument(0, "resource")) if added else happening.handler
    if handler is None:
        return []
    methods = _class_methods(project, handler) if handler.kind == "class" else ("GET",)
    given = happening.args[1:] if added else happening.args
    return [
        Route(methods, path_of(happening, url, True), handler, place(happening), None, happening.conditions)
        for url in given
    ]


def _routes(project: Project, happening: Happening) -> tuple[Route, ...]:
    """The routes that one registration makes: none when it only names an endpoint."""
    handler = happening.handler
    if happening.method == "add_url_rule":
        given = happening.argument(2, "view_func")
        if given is None:
            return ()
        handler = handler_of(given)
    rule = path_of(happening, happening.argument(0, "rule"), True)
    if rule and not rule.startswith(HIDDEN):
        rule = "/" + rule.lstrip("/")
    at = Location(handler.path, happening.handler_at) if handler and happening.handler_at else None
    return (Route(methods_of(project, happening, handler), rule, handler, place(happening), at, happening.conditions),)


def methods_of(project: Project, happening: Happening, handler: Symbol | None) -> tuple[str, ...]:
    """The methods of a route; none when they are not known."""
    if happening.method in VERBS:
        return (happening.method.upper(),)
    given: Value | None = happening.argument(99, "methods")
    if given is not None and given != Literal(None):
        names = names_of(given)
        return tuple(each for each in names if each != "HEAD" or "GET" not in names)
    if happening.spread:
        return ()
    return _class_methods(project, handler) if handler is not None and handler.kind == "class" else ("GET",)


def _class_methods(project: Project, cls: Symbol) -> tuple[str, ...]:
    """The methods of a class-based view: what it declares, else the verbs that it defines."""
    for owner, binding in fields(project, cls):
        if binding.name == "methods":
            known = fold(project, (owner.path, owner.name), binding.value)
            return () if isinstance(known, Unknown) else tuple(str(each).upper() for each in known or ())
    owners = [class_facts(project, owner) for owner in project[ancestry, cls].first_party]
    defined = {name for facts in owners if facts for name in (*facts.methods, *(each.name for each in facts.fields))}
    # `HEAD` comes with `GET` by itself.
    verbs = [verb for verb in ALL_VERBS if verb in defined and (verb != "head" or "get" not in defined)]
    return tuple(verb.upper() for verb in verbs) or ("GET",)


def tables(project: Project) -> tuple[tuple[Served, ...], ...]:
    """What each application serves."""
    return served_by(project[wiring])


@provides(endpoints)
def flask_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of Flask applications."""
    return endpoints_of(project[tables], "flask")


def dynamic(project: Project) -> tuple[tuple[Location, str], ...]:
    """Registrations of an unknown blueprint, each with the name of the attribute it is read from, if any."""
    found: dict[tuple[Location, str], None] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            given = happening.argument(0, "blueprint") if happening.method in REGISTER else None
            name = unseen(given) if happening.kind == "call" else None
            if name is not None:
                found[(Location(happening.path, happening.at), name)] = None
    return tuple(found)


@provides(unresolved)
def flask_unresolved(project: Project) -> tuple[Unresolved, ...]:
    """Registrations of Flask that could not be followed."""
    found = [Unresolved(at, "register_blueprint", "the blueprint is not known") for at, _ in project[dynamic]]
    return tuple(dict.fromkeys([*found, *unresolved_of(project[tables], project[traces, WATCH])]))


@provides(routers)
def flask_blueprints(project: Project) -> tuple[Router, ...]:
    """The blueprints of the repository, one for each place that makes one, with whether they are served."""
    names = frozenset(name for _, name in project[dynamic])
    return routers_of(project, project[wiring], project[traces, WATCH], names, BLUEPRINTS, "flask")
