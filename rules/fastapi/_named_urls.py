"""URLs that code asks for by the name of a route, and the names that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.endpoints import endpoints
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, calling
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._given import HOLDERS, is_of_framework, is_used

_URLS = frozenset({"url_for", "url_path_for"})
_ROUTING = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "websocket",
     "websocket_route"}
)  # fmt: skip
_ADDING = frozenset(
    {"add_api_route", "add_route", "add_websocket_route", "add_api_websocket_route", "Route", "WebSocketRoute", "Mount",
     "APIRoute", "mount", "Host", "host"}
)  # fmt: skip
_JOINING = frozenset({"include_router", "mount"})
_OWN = frozenset({"openapi", "swagger_ui_html", "swagger_ui_redirect", "redoc_html"})
_PARAM = re.compile(r"{(\w+)(?::\w+)?}")


class Asked(NamedTuple):
    """A URL that nothing answers to. `lacking` and `extra` are the parameters, when the name is there."""

    name: str
    lacking: tuple[str, ...]
    extra: tuple[str, ...]
    at: At


class Names(NamedTuple):
    """The names of all routes. `open` says that there may be others."""

    known: frozenset[str]
    open: bool


def names(project: Project) -> Names:
    """Those of the repository, joined to an application or not."""
    found: set[str] = set(_OWN)
    for path in project.paths:
        if not is_aside(path):
            here, is_open = project[_names_in, path]
            if is_open:
                return Names(frozenset(), True)
            found |= here
    return Names(frozenset(found), False)


def _names_in(project: Project, path: str) -> tuple[frozenset[str], bool]:
    module = project.module(path)
    found: set[str] = set()
    for function in module.functions if module is not None else ():
        calls = [each for each in function.decorators if isinstance(each, tree.Call)]
        if any(getattr(each.func, "last", "") in _ROUTING for each in calls):
            found.add(function.name)
        if not _JOINING.union(_ADDING).isdisjoint(function.lasts):
            calls.extend(function.call_nodes)
        for call in calls:
            last = getattr(call.func, "last", "")
            if last in _JOINING and not _is_own(project, (path, function.qualname), call):
                return frozenset(), True
            if last in _ROUTING or last in _ADDING:
                given = call.keyword("name") or (call.argument(2) if last in ("mount", "Mount") else None)
                if isinstance(given, tree.Constant) and isinstance(given.value, str):
                    found.add(given.value)
                elif given is not None:
                    return frozenset(), True
                endpoint = call.argument(1, "endpoint") if last in _ADDING else None
                found.update([endpoint.last] if isinstance(endpoint, tree.Path) else ())
    return frozenset(found), False


def _is_own(project: Project, scope: tuple[str, str], call: tree.Call) -> bool:
    """Whether what is joined has routes of the repository only."""
    given = (
        call.argument(0, "router") if getattr(call.func, "last", "") == "include_router" else call.argument(1, "app")
    )
    if isinstance(given, tree.Call) and getattr(given.func, "last", "") == "StaticFiles":
        return True
    try:
        answer = evaluate(project, scope, given)
    except CyclicFact:
        return True
    return not isinstance(answer, Symbol) or answer.kind != "external" or answer.name.startswith(HOLDERS)


def asking(project: Project) -> tuple[str, ...]:
    """The files that ask for URLs."""
    if not project[is_used]:
        return ()
    return tuple(
        path for path in project.paths if not is_aside(path) and not _URLS.isdisjoint(project[called_names, path])
    )


def wrongly_asked(project: Project, path: str) -> tuple[Asked, ...]:
    """The URLs that a file asks for in vain."""
    found: list[Asked] = []
    for function in calling(project, path, _URLS):
        for call in function.call_nodes:
            if getattr(call.func, "last", "") in _URLS and _is_asked(project, (path, function.qualname), call):
                found.extend(_wrong(project, call))
    return tuple(found)


def _is_asked(project: Project, scope: tuple[str, str], call: tree.Call) -> bool:
    owner = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
    return bool(owner) and is_of_framework(project, scope, tree.Path(owner, call.at))


def _wrong(project: Project, call: tree.Call) -> Iterator[Asked]:
    given = call.argument(0)
    name = given.value if isinstance(given, tree.Constant) else None
    known = project[names]
    if not isinstance(name, str) or ":" in name or known.open or given is None:
        return
    if name not in known.known:
        yield Asked(name, (), (), given.at)
        return
    served = project[_served].get(name, ())
    params = {each.name for each in call.keywords}
    if not served or None in params or len(call.args) > 1:
        return
    wanted = [frozenset(_PARAM.findall(path)) for path in served]
    if params not in wanted:
        nearest = min(wanted, key=lambda each: (len(each ^ params), sorted(each)))
        lacking, extra = sorted(nearest - params), sorted(each for each in params - nearest if each)
        yield Asked(name, tuple(lacking), tuple(extra), given.at)


def _served(project: Project) -> dict[str, tuple[str, ...]]:
    """Name of a function -> the paths that it answers to; those that are given a name of their own left out."""
    found: dict[str, tuple[str, ...]] = {}
    for each in project[endpoints]:
        function = project[functions_of, each.handler.path].get(each.handler.name)
        if each.framework.lower() == "fastapi" and function is not None:
            known = found.get(function.name, ())
            found[function.name] = (*known, each.path if _is_plain(function) else "")
    return {name: paths for name, paths in found.items() if "" not in paths}


def _is_plain(function: Function) -> bool:
    calls = [each for each in function.decorators if isinstance(each, tree.Call)]
    routing = [each for each in calls if getattr(each.func, "last", "") in _ROUTING]
    return bool(routing) and all(each.keyword("name") is None for each in routing)
