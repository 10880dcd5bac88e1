"""What Flask gets twice: endpoints of two views, blueprints of one name, rules that are served already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.wiring import HIDDEN, Inclusion, Route, Served, precedes
from cdlint.facts import tree
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import importers
from cdlint.project.object_frames import unwrap
from cdlint.project.object_traces import traces
from cdlint.project.objects import Bound, Partial, Thing, certain
from cdlint.project.places import is_aside
from cdlint.project.versions import satisfied
from cdlint.rule import Location

from ._endpoints import Registered, own_names, registrations
from ._watch import APPLICATIONS, BLUEPRINTS, REGISTER, WATCH
from ._wiring import tables, wiring

_NAME = re.compile(r"([<:])[a-zA-Z_]\w*>")


class Duplicate(NamedTuple):
    """Something that stands twice. `kind`: `endpoint`, `made`, `wrapper`, `blueprint`, `again`, `rule` or `dot`."""

    kind: str
    name: str
    at: Location
    other: Location
    detail: str


def duplicates(project: Project) -> tuple[Duplicate, ...]:
    """All that Flask refuses, or never reaches, because it is there already."""
    if not project[wiring]:
        return ()
    found = [*_endpoints(project), *_blueprints(project), *_dots(project)]
    taken = {each.at for each in found}
    found += [each for each in _rules(project) if each.at not in taken]
    return tuple({(each.at, each.name): each for each in reversed(found)}.values())[::-1]


def _endpoints(project: Project) -> Iterator[Duplicate]:
    groups: dict[tuple[Thing, str], list[Registered]] = {}
    for each in project[registrations]:
        if each.endpoint and each.sure and certain(each.conditions) and _is_loaded(project, each):
            groups.setdefault((each.thing, each.endpoint), []).append(each)
    for (_, endpoint), group in groups.items():
        first = group[0]
        for each in group[1:]:
            if _differ(project, first, each):
                one, other = _ordered(first, each)
                yield Duplicate(_kind(first, other), endpoint, other.at, one.at, _last(other.handler))
                break


def _is_loaded(project: Project, each: Registered) -> bool:
    """Whether anything imports the file that registers a view on something of another file."""
    return each.at.path == each.thing.path or each.at.path in project[importers]


def _kind(one: Registered, other: Registered) -> str:
    if not isinstance(other.handler, Symbol) or other.handler.kind == "class":
        return "made" if one.handler == other.handler and not other.given else "endpoint"
    return "endpoint" if other.given or other.endpoint == other.handler.last else "wrapper"


def _last(handler: Symbol | None) -> str:
    return handler.last if handler is not None else ""


def _ordered(one: Registered, other: Registered) -> tuple[Registered, Registered]:
    """Two registrations, the one that runs later last."""
    same = one.order[:2] == other.order[:2]
    key = (lambda each: each.order[2]) if same else (lambda each: each.at)
    first, second = sorted((one, other), key=key)
    return first, second


def _differ(project: Project, one: Registered, other: Registered) -> bool:
    """Whether two registrations surely are of different objects."""
    if one.at == other.at or one.handler is None or other.handler is None:
        return False
    if one.handler != other.handler:
        return True
    if isinstance(one.value, Partial) and isinstance(one.value.target, Bound):
        # Each call of `as_view` makes another function.
        return _calls_as_view(project, one.at) and _calls_as_view(project, other.at)
    ats = (one.handler_at, other.handler_at)
    return None not in ats and ats[0] != ats[1]


def _calls_as_view(project: Project, at: Location) -> bool:
    """Whether the view of a registration is made in the call itself."""
    module = project.module(at.path)
    for function in module.functions if module else ():
        if not function.qualname or function.at[0] <= at.at[0] <= function.end_line:
            for call in function.call_nodes:
                if call.at == at.at:
                    return _is_as_view(call.argument(2, "view_func"))
    return False


def _is_as_view(node: Node | None) -> bool:
    return isinstance(node, tree.Call) and getattr(node.func, "last", "") == "as_view"


def _blueprints(project: Project) -> Iterator[Duplicate]:
    strict = project[satisfied, (("flask", ">=2.1"),)]
    for container in project[wiring].values():
        if container.thing.cls not in APPLICATIONS:
            continue
        seen: dict[str, tuple[Thing, Inclusion]] = {}
        for name, thing, part in _joined(project, container.thing, "", (container.thing,)):
            if name not in seen:
                seen[name] = (thing, part)
                continue
            first, other = seen[name]
            if not _in_one_program(project, part.at.path, other.at.path):
                continue
            if first != thing and (first.path, first.at) != (thing.path, thing.at):
                yield Duplicate("blueprint", name, part.at, other.at, "")
            elif first == thing and strict and part.at != other.at:
                yield Duplicate("again", name, part.at, other.at, "")


def _in_one_program(project: Project, one: str, other: str) -> bool:
    """Whether a file outside of tests loads both, so that their code surely runs in the same process."""
    return one == other or not project[_loaders, one].isdisjoint(project[_loaders, other])


def _loaders(project: Project, path: str) -> frozenset[str]:
    """A file and all that lead to it by imports."""
    found, waiting = {path}, [path]
    while waiting:
        new = {each for each, _ in project[importers].get(waiting.pop(), ()) if not is_aside(each)} - found
        found |= new
        waiting += new
    return frozenset(found)


def _joined(
    project: Project, parent: Thing, above: str, over: tuple[Thing, ...]
) -> Iterator[tuple[str, Thing, Inclusion]]:
    """The blueprints that an application surely gets, with their whole names."""
    own = project[own_names]
    container = project[wiring].get(parent)
    for step in container.steps if container is not None else ():
        part = step.part
        child = part.child if isinstance(part, Inclusion) else None
        if not isinstance(part, Inclusion) or child is None or child in over or not certain(part.conditions):
            continue
        name = own.joined.get((parent, child, part.at), own.made.get(child))
        if child.cls not in BLUEPRINTS or not name:
            continue
        whole = f"{above}.{name}" if above else name
        yield whole, child, part
        yield from _joined(project, child, whole, (*over, child))


def _dots(project: Project) -> Iterator[Duplicate]:
    """Names with a dot, which a blueprint refuses since dots join names."""
    for each in project[registrations]:
        if each.thing.cls in BLUEPRINTS and each.given and "." in each.endpoint:
            yield Duplicate("dot", each.endpoint, each.at, each.at, "endpoint")
    if not project[satisfied, (("flask", ">=2.0"),)]:
        return
    for trace in project[traces, WATCH]:
        for happening in trace.happenings:
            thing = happening.receiver
            if isinstance(thing, Thing) and thing.cls in BLUEPRINTS and happening.method in ("__init__", *REGISTER):
                named = happening.method == "__init__"
                given = happening.argument(0 if named else 99, "name")
                name = unwrap(given) if given is not None else None
                if isinstance(name, str) and "." in name:
                    at = Location(happening.path, happening.at)
                    yield Duplicate("dot", name, at, at, "blueprint")


def _rules(project: Project) -> Iterator[Duplicate]:
    """Rules that another view is served by already, for all their methods."""
    options = {(each.at, each.handler) for each in project[registrations] if each.more or each.defaults}
    for table in project[tables]:
        seen: dict[str, list[Served]] = {}
        for each in table:
            route = each.route
            plain = isinstance(route, Route) and route.handler is not None and bool(route.methods)
            if not plain or HIDDEN in each.path or not each.certain or (route.at, _handler(each)) in options:
                continue
            hider = next((one for one in seen.get(_shape(each.path), ()) if _hides(one, each)), None)
            if hider is not None:
                yield Duplicate("rule", each.path, route.at, hider.route.at, _last(_handler(hider)))
            seen.setdefault(_shape(each.path), []).append(each)


def _handler(served: Served) -> Symbol | None:
    return served.route.handler if isinstance(served.route, Route) else None


def _shape(path: str) -> str:
    """A rule without the names of its variables."""
    return _NAME.sub(r"\1>", path)


def _hides(one: Served, other: Served) -> bool:
    if not isinstance(one.route, Route) or not isinstance(other.route, Route):
        return False
    same = one.route.handler == other.route.handler
    return not same and set(other.route.methods) <= set(one.route.methods) and precedes(one, other)
