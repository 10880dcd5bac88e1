"""What of an aiohttp application cannot work: tables nobody adds, routes hidden by equal ones, keys nobody sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.books import routers_of
from cdlint.backend.mentions import unseen
from cdlint.backend.wiring import HIDDEN, Route, Served, precedes
from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol, Unknown
from cdlint.project.classes import resolve_in
from cdlint.project.constants import fold
from cdlint.project.object_traces import traces
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Location

from ._handlers import VARIABLE, handled
from ._unserved import Broken, unserved
from ._wiring import TABLES, WATCH, tables, wiring

_QUIET = frozenset({"aiohttp_jinja2", "aiohttp_cors", "aiohttp_session", "aiohttp_security"})
"""Extensions that set no keys of the request under names of their users' choosing."""
_REQUESTS = frozenset({"aiohttp.web.Request()", "aiohttp.web_request.Request()", "aiohttp.web.BaseRequest()"})


def broken(project: Project) -> tuple[Broken, ...]:
    """All of it."""
    if not project[wiring]:
        return ()
    found = [*_tables(project), *_hidden(project), *handled(project), *_keys(project), *unserved(project)]
    return tuple({(each.at, each.kind, each.name): each for each in found}.values())


def _tables(project: Project) -> Iterator[Broken]:
    """Route tables that no application gets."""
    names = set()
    for trace in project[traces, WATCH]:
        for happening in trace.happenings:
            given = happening.argument(0, "routes") if happening.method.endswith("add_routes") else None
            name = unseen(given) if given is not None else None
            if name is not None:
                names.add(name)
    for each in routers_of(project, project[wiring], project[traces, WATCH], frozenset(names), TABLES, "aiohttp"):
        if each.reached is False and each.operations:
            yield Broken("table", each.name, each.at, None, str(each.operations))


def _hidden(project: Project) -> Iterator[Broken]:
    """Routes whose path and method another route of the same application has already."""
    for table in project[tables]:
        seen: dict[tuple[str, str], Served] = {}
        for each in table:
            route = each.route
            if not isinstance(route, Route) or HIDDEN in each.path or each.off:
                continue
            for method in route.methods:
                key = (method, VARIABLE.sub(_unnamed, each.path))
                first = seen.setdefault(key, each)
                if first is not each and first.route.at != route.at and precedes(first, each):
                    if not set(first.conditions) <= set(each.conditions):
                        continue
                    yield Broken("route", f"{method} {each.path}", route.at, first.route.at, "")


def _unnamed(found: re.Match[str]) -> str:
    return found[0].replace(found[1], "", 1)


class Key(NamedTuple):
    """A key of an application (`app`) or request, read or set. `name` is `""` when it is not known."""

    holder: str
    name: str
    is_set: bool
    at: Location


def _keys(project: Project) -> Iterator[Broken]:
    """Keys of the application or the request that are read and that nothing sets."""
    if not any(each.application and not is_aside(thing.path) for thing, each in project[wiring].items()):
        return
    paths = [path for path in project.paths if not is_aside(path)]
    if not any(not each.is_set for path in paths if project[_imports_it, path] for each in project[_keys_in, path]):
        return
    keys = [each for path in paths for each in project[_keys_in, path]]
    for holder in ("app", "request"):
        mine = [each for each in keys if each.holder == holder]
        given = {each.name for each in keys if each.is_set}
        if any(each.is_set and not each.name for each in mine) or (holder == "app" and _handed_on(project)):
            continue
        if holder == "request" and any(project[_extended, path] for path in project.paths):
            continue
        for each in mine:
            if not each.is_set and each.name and each.name not in given:
                yield Broken(holder, each.name, each.at, None, "")


def _handed_on(project: Project) -> bool:
    """Whether an application is passed to something that may set keys of its own."""
    loose = {each.loose for each in project[wiring].values() if each.application and each.loose}
    return any("passed to" in why and "aiohttp." not in why for why in loose)


def _extended(project: Project, path: str) -> bool:
    """Whether a file imports an extension of aiohttp, which may set keys of the request."""
    module = None if is_aside(path) else project.module(path)
    tops = {each.module.partition(".")[0] for each in module.imports} if module is not None else set()
    return any(top.startswith(("aiohttp_", "webargs")) and top not in _QUIET for top in tops)


def _imports_it(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.partition(".")[0] == "aiohttp" for each in module.imports)


def _keys_in(project: Project, path: str) -> tuple[Key, ...]:
    module = project.module(path)
    found: list[Key] = []
    reads = project[_imports_it, path]
    for function in module.functions if module is not None else ():
        scope = (path, function.qualname)
        targets: set[int] = set()
        for node in function.nodes:
            for target in node.targets if isinstance(node, (tree.Assign, tree.Delete)) else ():
                for each in target.items if isinstance(target, tree.Sequence) else (target,):
                    if isinstance(each, tree.Subscript):
                        targets.add(id(each))
                        holder = _holder(project, scope, each.value) or "other"
                        found.append(Key(holder, _name(project, scope, each.index), True, Location(path, each.at)))
            if isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("update", "setdefault"):
                found.extend(_updated(project, scope, node))
            if reads and isinstance(node, tree.Subscript) and id(node) not in targets:
                holder = _holder(project, scope, node.value)
                if holder:
                    found.append(Key(holder, _name(project, scope, node.index), False, Location(path, node.at)))
    return tuple(found)


def _updated(project: Project, scope: Scope, node: tree.Call) -> Iterator[Key]:
    owner = getattr(node.func, "text", "").rpartition(".")[0]
    if owner and _holder(project, scope, tree.Path(owner, node.at)):
        for holder in ("app", "request"):
            yield Key(holder, "", True, Location(scope[0], node.at))


def _holder(project: Project, scope: Scope, node: tree.Node) -> str:
    """Whether an expression is the application of a request (`app`) or a request; `""` for anything else."""
    if not isinstance(node, tree.Path):
        return ""
    owner, _, last = node.text.rpartition(".")
    if last in ("app", "config_dict") and owner and _is_request(project, scope, owner):
        return "app"
    if _is_request(project, scope, node.text):
        return "request"
    answer = evaluate(project, scope, node)
    name = answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
    return "app" if name in ("aiohttp.web.Application()", "aiohttp.web_app.Application()") else ""


def _is_request(project: Project, scope: Scope, text: str) -> bool:
    if text not in ("request", "self.request"):
        return False
    answer = evaluate(project, scope, tree.Path(text, (0, 0, 0, 0)))
    if isinstance(answer, Symbol):
        return answer.name in _REQUESTS or answer.name.startswith("aiohttp.web.View()")
    return isinstance(answer, Unknown)


def _name(project: Project, scope: Scope, node: tree.Node) -> str:
    """A key as text: a string, or the name of the variable that holds an `AppKey`; `""` when it is not known."""
    known = fold(project, scope, node, infer=False)
    if isinstance(known, str):
        return known
    if isinstance(node, tree.Path):
        answer = resolve_in(project, scope[0], scope[1], node.text)
        if isinstance(answer, Symbol) and answer.kind == "variable":
            return f"{answer.path}:{answer.name}"
    return ""
