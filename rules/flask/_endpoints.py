"""The names under which Flask knows its routes, and what of them cannot be seen."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.backend.books import handler_of, path_of, place
from cdlint.backend.wiring import HIDDEN, Inclusion
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Bound, Context, Happening, Literal, Method, Partial, Table, Thing, Value
from cdlint.rule import Location

from ._extensions import PLAIN, extended
from ._names import registered_name
from ._watch import APIS, APPLICATIONS, BLUEPRINTS, NAMESPACES, REGISTER, ROUTES, WATCH
from ._wiring import methods_of, wiring

_VARIABLE = re.compile(r"<(?:[a-zA-Z_]\w*(?:\(.*?\))?:)?([a-zA-Z_]\w*)>")
_RESTFUL = frozenset({"flask_restful.Api"})


class Registered(NamedTuple):
    """A view that is registered on an application, blueprint or api.

    `endpoint` is its name there, `""` when it is not known; `sure` whether that is certain, and
    `given` whether it is written out. `rule` is its path there, with gaps as in `wiring`. `value`
    is what was registered; no `methods` means that they are not known. `more` says that options
    are given which are not seen, or a host.
    """

    thing: Thing
    endpoint: str
    sure: bool
    given: bool
    rule: str
    handler: Symbol | None
    value: Value
    methods: tuple[str, ...]
    defaults: tuple[str, ...]
    more: bool
    at: Location
    handler_at: At | None
    conditions: Context
    order: tuple[str, str, int]
    """The module or function whose running registers it, and the step there."""


def variables(rule: str) -> tuple[str, ...]:
    """The variables of a rule, in order."""
    return tuple(_VARIABLE.findall(rule))


def registrations(project: Project) -> tuple[Registered, ...]:
    """Every view that is registered, in the order in which it happens."""
    found: dict[Registered, None] = {}
    for each in project[traces, WATCH]:
        for step, happening in enumerate(each.happenings):
            thing = happening.receiver
            if isinstance(thing, Thing) and _registers(thing, happening):
                for rule in _rules(thing, happening):
                    made = _registered(project, thing, happening, rule, (each.path, each.function, step))
                    found.setdefault(made)
    return tuple(found)


def _registers(thing: Thing, happening: Happening) -> bool:
    if thing.cls in APIS | NAMESPACES:
        decorates = happening.kind == "decorate" and happening.method in ("route", "resource")
        return happening.method == "add_resource" or decorates
    return happening.method == "add_url_rule" or (happening.kind == "decorate" and happening.method in ROUTES)


def _rules(thing: Thing, happening: Happening) -> tuple[Value, ...]:
    """The rules that one registration makes: an api takes several."""
    if happening.method == "add_resource":
        return happening.args[1:] or (None,)
    return happening.args or (None,) if thing.cls in APIS | NAMESPACES else (happening.argument(0, "rule"),)


def _registered(
    project: Project, thing: Thing, happening: Happening, rule: Value, order: tuple[str, str, int]
) -> Registered:
    value: Value = happening.handler
    if happening.kind != "decorate":
        resource = happening.method == "add_resource"
        value = happening.argument(0, "resource") if resource else happening.argument(2, "view_func")
    handler = handler_of(value)
    given = happening.argument(1 if happening.method == "add_url_rule" else 99, "endpoint")
    explicit = given is not None and unwrap(given) is not None
    endpoint, sure = _explicit(given) if explicit else _own_name(project, thing, happening, value)
    defaults = happening.argument(99, "defaults")
    keys = tuple(unwrap(key) for key, _ in defaults.items) if isinstance(defaults, Table) else ()
    plain = (defaults is None or isinstance(defaults, Table)) and thing not in project[_with_defaults]
    options = {key for key, _ in happening.keywords}
    return Registered(
        thing,
        endpoint,
        sure,
        explicit,
        path_of(happening, rule, True),
        handler,
        value,
        methods_of(project, happening, handler),
        tuple(str(key) for key in keys),
        happening.spread or not plain or not options.isdisjoint(("host", "subdomain")),
        place(happening),
        happening.handler_at,
        happening.conditions,
        order,
    )


def _with_defaults(project: Project) -> frozenset[Thing]:
    """The blueprints that give their views values which no rule of theirs shows: `url_defaults=`."""
    found: set[Thing] = set()
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            if any(key == "url_defaults" for key, _ in happening.keywords) or happening.spread:
                thing = happening.argument(0, "blueprint") if happening.method in REGISTER else happening.receiver
                if isinstance(thing, Thing) and happening.method in (*REGISTER, "__init__"):
                    found.add(thing)
    return frozenset(found)


def _explicit(given: Value) -> tuple[str, bool]:
    known = unwrap(given)
    return (known, True) if isinstance(known, str) else ("", False)


def _own_name(project: Project, thing: Thing, happening: Happening, value: Value) -> tuple[str, bool]:
    """The endpoint that a view has by itself, and whether that is certain."""
    if isinstance(value, Method):
        value = value.function
    if isinstance(value, Partial) and isinstance(value.target, Bound):
        name = unwrap(value.args[0]) if value.args else unwrap(dict(value.keywords).get("name", Literal(None)))
        return (name, True) if isinstance(name, str) else ("", False)
    if not isinstance(value, Symbol):
        return "", False
    if value.kind == "class":
        return (value.last.lower(), True) if thing.cls in _RESTFUL else ("", False)
    if value.kind != "function" or thing.cls in APIS | NAMESPACES:
        return "", False
    return registered_name(project, value, happening.at)


class Endpoint(NamedTuple):
    """A name under which `url_for` finds a view, with the whole rule."""

    name: str
    rule: str
    registered: Registered


class Names(NamedTuple):
    """What `url_for` finds.

    `blueprints` are the whole names of blueprints. `hidden` are those (`""` the application
    itself) under which there may be endpoints that are not seen. `loose` says why there may be
    more blueprints, `foreign` that extensions may bring endpoints of any name.
    """

    endpoints: tuple[Endpoint, ...]
    blueprints: frozenset[str]
    hidden: frozenset[str]
    static: frozenset[str]
    loose: bool
    foreign: bool


def names(project: Project) -> Names:
    """The endpoints of all applications of the repository."""
    book = project[wiring]
    if not book:
        return Names((), frozenset(), frozenset(), frozenset(), True, True)
    wholes = project[_wholes]
    found = [
        Endpoint(f"{name}.{each.endpoint}" if name else each.endpoint, prefix + each.rule, each)
        for each in project[registrations]
        for name, prefix in wholes.get(each.thing, ())
        if each.endpoint
    ]
    named = {thing: [name for name, _ in pairs] for thing, pairs in wholes.items()}
    unseen = {each.thing for each in project[registrations] if not each.endpoint}
    escapes = project[_escapes]
    unseen |= {thing for thing, names_ in escapes if any(_adds(thing, _top(each)) for each in names_)}
    outside = {_top(each) for _, names_ in escapes for each in names_} - {""}
    joined = {step.part.child for each in book.values() for step in each.steps if isinstance(step.part, Inclusion)}
    return Names(
        tuple(found),
        frozenset(name for thing, names_ in named.items() for name in names_ if name),
        frozenset(name for thing in unseen for name in named.get(thing, ())),
        project[_static],
        None in joined or any(each.cut for each in project[traces, WATCH]) or not all(named.values()),
        bool(outside - PLAIN) or project[extended],
    )


def _adds(thing: Thing, package: str) -> bool:
    """Whether what a thing is passed to may give it views: code not followed, an extension made with a blueprint."""
    return not package or (thing.cls in BLUEPRINTS and package not in PLAIN)


def _wholes(project: Project) -> dict[Thing, tuple[tuple[str, str], ...]]:
    """Each application, blueprint and api with its whole names and the prefixes of its rules; none when not known."""
    parents: dict[Thing, list[tuple[Thing, Inclusion]]] = {}
    for container in project[wiring].values():
        for step in container.steps:
            if isinstance(step.part, Inclusion) and step.part.child is not None:
                parents.setdefault(step.part.child, []).append((container.thing, step.part))
    own = project[own_names]
    return {thing: _whole(thing, parents, own, (thing,)) for thing in project[wiring]}


_DEEPEST = 6
"""How many blueprints may stand in each other."""


def _whole(
    thing: Thing,
    parents: dict[Thing, list[tuple[Thing, Inclusion]]],
    own: OwnNames,
    below: tuple[Thing, ...],
) -> tuple[tuple[str, str], ...]:
    if thing.cls in APPLICATIONS:
        return (("", ""),)
    if len(below) > _DEEPEST:
        return ()
    name = own.made.get(thing) if thing.cls in BLUEPRINTS else ""
    found: dict[tuple[str, str], None] = {}
    for parent, part in parents.get(thing, ()):
        if parent in below:
            continue
        last = own.joined.get((parent, thing, part.at), name) if thing.cls in BLUEPRINTS else ""
        for above, prefix in _whole(parent, parents, own, (*below, parent)):
            if last is not None:
                whole = ".".join(each for each in (above, last) if each)
                found[(whole, prefix + part.prefix)] = None
    if not parents.get(thing) and name:
        found[(name, HIDDEN)] = None
    return tuple(found)


class OwnNames(NamedTuple):
    """The names that blueprints are made with, and those that they are registered under instead."""

    made: dict[Thing, str | None]
    joined: dict[tuple[Thing, Thing, Location], str | None]


def own_names(project: Project) -> OwnNames:
    """What each blueprint is called; None when that is not known."""
    made: dict[Thing, str | None] = {}
    joined: dict[tuple[Thing, Thing, Location], str | None] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            thing = happening.receiver
            if not isinstance(thing, Thing):
                continue
            if happening.method == "__init__" and thing.cls in BLUEPRINTS:
                made[thing] = _text(happening.argument(0, "name"))
            elif happening.method in REGISTER:
                child, name = happening.argument(0, "blueprint"), happening.argument(99, "name")
                if isinstance(child, Thing) and (name is not None or happening.spread):
                    joined[(thing, child, place(happening))] = _text(name)
    return OwnNames(made, joined)


def _text(value: Value | None) -> str | None:
    known = unwrap(value) if value is not None else None
    return known if isinstance(known, str) else None


def _static(project: Project) -> frozenset[str]:
    """The whole names of what serves static files."""
    wholes = project[_wholes]
    found: set[str] = set()
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            thing = happening.receiver
            if isinstance(thing, Thing) and happening.method == "__init__":
                given = happening.spread or happening.argument(2, "static_folder") is not None
                if given or thing.cls in APPLICATIONS or thing.own is not None:
                    found.update(name for name, _ in wholes.get(thing, ()))
    return frozenset(found)


def _escapes(project: Project) -> tuple[tuple[Thing, tuple[str, ...]], ...]:
    """What applications, blueprints and apis are passed to that cannot be followed, by dotted names."""
    found: dict[Thing, dict[str, None]] = {}
    for each in project[traces, WATCH]:
        for happening in each.happenings:
            if happening.kind == "escape" and isinstance(happening.receiver, Thing):
                if happening.method.startswith("it is passed to "):
                    name = happening.method.removeprefix("it is passed to ").strip("`")
                    found.setdefault(happening.receiver, {})[name] = None
            elif isinstance(happening.receiver, Thing) and happening.method.startswith("url_map"):
                found.setdefault(happening.receiver, {})["url_map"] = None
    return tuple((thing, tuple(names_)) for thing, names_ in found.items())


def _top(name: str) -> str:
    """The package of a function from outside, `""` for one of the repository."""
    return name.partition(".")[0] if "." in name else ""
