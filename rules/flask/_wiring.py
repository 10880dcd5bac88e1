"""How Flask registers views: `route`, `add_url_rule`, class-based views, blueprints in blueprints."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.endpoints import Endpoint, Router, Unresolved, endpoints, routers, unresolved
from cdlint.backend.mentions import followed, mentioned, unseen, variable_of
from cdlint.backend.wiring import HIDDEN, Container, Inclusion, Route, Step, hidden, operations, reached, served
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import ancestry, class_facts, fields
from cdlint.project.constants import fold
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Bound, Happening, Items, Literal, Method, Thing, Value, Watch, things_in
from cdlint.rule import Location

APPLICATIONS = frozenset(
    {"flask.Flask", "flask.app.Flask", "quart.Quart", "apiflask.APIFlask", "flask_openapi3.OpenAPI"}
)
BLUEPRINTS = frozenset(
    {
        "flask.Blueprint",
        "flask.blueprints.Blueprint",
        "flask_smorest.Blueprint",
        "quart.Blueprint",
        "apiflask.APIBlueprint",
        "flask_openapi3.APIBlueprint",
    }
)
VERBS = ("get", "post", "put", "patch", "delete")
_ROUTES = frozenset({"route", *VERBS})
_REGISTER = frozenset({"register_blueprint", "register_api"})
_QUIET = frozenset(
    {"before_request", "after_request", "teardown_request", "errorhandler", "app_errorhandler", "app_context",
     "context_processor", "app_context_processor", "template_filter", "app_template_filter", "cli.command",
     "before_app_request", "after_app_request", "url_value_preprocessor", "url_defaults", "register_error_handler",
     "template_global", "app_template_global", "test_client", "test_request_context", "shell_context_processor",
     "config.from_object", "config.update", "__init__", "teardown_appcontext", "logger.info"}
)  # fmt: skip
WATCH = Watch(
    APPLICATIONS | BLUEPRINTS,
    frozenset({*_REGISTER, "add_url_rule"}),
    _ROUTES,
    frozenset({"flask_cors.CORS", "flask_cors.CORS().init_app", "flask_restx.Api", "flask_restful.Api",
               "flask_wtf.csrf.CSRFProtect().exempt", "flask_wtf.CSRFProtect().exempt"}),
)  # fmt: skip


def wiring(project: Project) -> dict[Thing, Container]:
    """Every application and blueprint with what it gets."""
    book = _Book(project)
    found = project[traces, WATCH]
    for each in found:
        for happening in each.happenings:
            book.prefix(happening)
    for each in found:
        for happening in each.happenings:
            book.read(happening, (each.path, each.function))
    return book.containers()


class _Book:
    """What the happenings say, gathered by thing."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.prefixes: dict[Thing, str] = {}
        self.steps: dict[Thing, dict[Step, None]] = {}
        self.loose: dict[Thing, str] = {}

    def prefix(self, happening: Happening) -> None:
        """Note a thing that is made, with the prefix that it is made with."""
        thing = happening.receiver
        if isinstance(thing, Thing) and happening.kind == "made":
            self.steps.setdefault(thing, {})
            self.prefixes.setdefault(thing, "")
        if isinstance(thing, Thing) and happening.method == "__init__" and thing.cls in BLUEPRINTS:
            self.prefixes[thing] = _path(happening, happening.argument(5, "url_prefix"), happening.spread)

    def away(self, happening: Happening, why: str) -> None:
        """Things in the arguments go where nobody can follow them."""
        for thing in things_in(Items((*happening.args, *(value for _, value in happening.keywords)))):
            self.loose.setdefault(thing, why)

    def read(self, happening: Happening, origin: tuple[str, str]) -> None:
        """Note what is done with a thing."""
        thing, method = happening.receiver, happening.method
        if not isinstance(thing, Thing):
            self.away(happening, "it is joined to something that is not known")
            return
        self.steps.setdefault(thing, {})
        if happening.kind == "escape":
            self.loose.setdefault(thing, method)
        elif method in _REGISTER and happening.kind == "call":
            self.join(thing, happening, origin)
        elif method == "add_url_rule" or (happening.kind == "decorate" and method in _ROUTES):
            for route in _routes(self.project, happening):
                self.steps[thing].setdefault(Step(origin, route))
        elif happening.kind == "call" and method not in _ROUTES | _QUIET:
            self.away(happening, f"it is passed to `{method}`")

    def join(self, thing: Thing, happening: Happening, origin: tuple[str, str]) -> None:
        """Note a `register_blueprint`: a prefix given there takes the place of the blueprint's own."""
        child = happening.argument(0, "blueprint")
        given = happening.argument(99, "url_prefix")
        prefix = _path(happening, given, happening.spread).rstrip("/")
        if not isinstance(child, Thing):
            self.away(happening, "it is wrapped before it is registered")
        elif not happening.spread and (given is None or given == Literal(None)):
            prefix = self.prefixes.get(child, "").rstrip("/")
        at = Location(happening.path, happening.at)
        part = Inclusion(child if isinstance(child, Thing) else None, prefix, False, at, happening.conditions)
        self.steps[thing].setdefault(Step(origin, part))

    def containers(self) -> dict[Thing, Container]:
        """The containers, by thing."""
        return {
            thing: Container(thing, thing.cls in APPLICATIONS, tuple(steps), self.loose.get(thing, ""), False)
            for thing, steps in self.steps.items()
        }


def _path(happening: Happening, value: Value | None, spread: bool) -> str:
    """A rule or prefix as text, what is not known hidden."""
    if value is None or value == Literal(None):
        return hidden(Location(happening.path, happening.at)) if spread else ""
    known = unwrap(value)
    return known if isinstance(known, str) else hidden(Location(happening.path, happening.at))


def _routes(project: Project, happening: Happening) -> tuple[Route, ...]:
    """The routes that one registration makes: none when it only names an endpoint."""
    handler = happening.handler
    if happening.method == "add_url_rule":
        given = happening.argument(2, "view_func")
        if given is None:
            return ()
        handler = _handler(given)
    rule = _path(happening, happening.argument(0, "rule"), True)
    if rule and not rule.startswith(HIDDEN):
        rule = "/" + rule.lstrip("/")
    at = Location(happening.path, happening.at)
    place = Location(handler.path, happening.handler_at) if handler and happening.handler_at else None
    return (Route(_methods(project, happening, handler), rule, handler, at, place, happening.conditions),)


def _handler(given: Value) -> Symbol | None:
    """The function or class behind a `view_func`."""
    if isinstance(given, Method):
        return given.function
    if isinstance(given, Bound) and given.name == "as_view()" and isinstance(given.owner, Symbol):
        return given.owner
    return given if isinstance(given, Symbol) and given.kind in ("function", "class") else None


def _methods(project: Project, happening: Happening, handler: Symbol | None) -> tuple[str, ...]:
    """The methods of a route; none when they are not known."""
    if happening.method in VERBS:
        return (happening.method.upper(),)
    given = happening.argument(99, "methods")
    if given is not None and given != Literal(None):
        known = unwrap(given)
        good = isinstance(known, tuple) and all(isinstance(each, str) for each in known)
        return tuple(dict.fromkeys(each.upper() for each in known)) if good else ()
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
    defined = {name for facts in owners if facts for name in facts.methods}
    return tuple(verb.upper() for verb in VERBS if verb in defined) or ("GET",)


def applications(project: Project) -> tuple[Thing, ...]:
    """The applications of the repository."""
    return tuple(sorted((thing for thing, each in project[wiring].items() if each.application), key=repr))


@provides(endpoints)
def flask_endpoints(project: Project) -> tuple[Endpoint, ...]:
    """The routes of Flask applications."""
    found: dict[Endpoint, None] = {}
    for thing in project[applications]:
        for each in served(project[wiring], thing):
            route = each.route
            if isinstance(route, Inclusion) or route.handler is None or HIDDEN in each.path:
                continue
            for method in route.methods:
                found[Endpoint(method, each.path, route.handler, route.at, "flask", each.certain)] = None
    return tuple(found)


def dynamic(project: Project) -> tuple[tuple[Location, str], ...]:
    """Registrations of an unknown blueprint, each with the name of the attribute it is read from, if any."""
    found: dict[tuple[Location, str], None] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            given = happening.argument(0, "blueprint") if happening.method in _REGISTER else None
            name = unseen(given) if happening.kind == "call" else None
            if name is not None:
                found[(Location(happening.path, happening.at), name)] = None
    return tuple(found)


@provides(unresolved)
def flask_unresolved(project: Project) -> tuple[Unresolved, ...]:
    """Registrations of Flask that could not be followed."""
    found = [Unresolved(at, "register_blueprint", "the blueprint is not known") for at, _ in project[dynamic]]
    for thing in project[applications]:
        for each in served(project[wiring], thing):
            if HIDDEN in each.path:
                found.append(Unresolved(each.route.at, "rule", "a prefix or rule is not known"))
    return tuple(dict.fromkeys(found))


@provides(routers)
def flask_blueprints(project: Project) -> tuple[Router, ...]:
    """The blueprints of the repository, one for each place that makes one, with whether they are served."""
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
        made.append(Router(name, at, "flask", count, served_))
    return tuple(made)
