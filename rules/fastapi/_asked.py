"""What code asks of an application while it runs: URLs by the names of routes, and values that it keeps."""

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

from ._given import is_used

_URLS = frozenset({"url_for", "url_path_for"})
_HOLDERS = ("fastapi.", "starlette.")
_HARMLESS = (*_HOLDERS, "builtins.", "httpx.", "uvicorn.", "hypercorn.", "mangum.")
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


# URLs


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
    return not isinstance(answer, Symbol) or answer.kind != "external" or answer.name.startswith(_HOLDERS)


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
    return bool(owner) and _is_outside(project, scope, tree.Path(owner, call.at))


def _is_outside(project: Project, scope: tuple[str, str], node: tree.Node) -> bool:
    """Whether it is an object of the framework's own."""
    try:
        answer = evaluate(project, scope, node)
    except CyclicFact:
        return False
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith(_HOLDERS)


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


# `app.state`


def keeping(project: Project) -> tuple[str, ...]:
    """The files that read what an application keeps."""
    if not project[is_used]:
        return ()
    return tuple(path for path in project.paths if not is_aside(path) and project[_states_in, path])


def _states_in(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.mentions("app.state.") for each in module.functions)


def never_kept(project: Project, path: str) -> tuple[tuple[str, str, At], ...]:
    """What a file reads of `app.state` that nothing sets: the name, the code and the place."""
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        if not function.mentions("app.state."):
            continue
        targets = {id(each) for node in function.every(tree.Assign) for each in node.targets}
        for node in function.every(tree.Path):
            before, _, after = node.text.partition("app.state.")
            name = after.partition(".")[0]
            is_set = id(node) in targets and "." not in after
            if not after or (before and not before.endswith(".")) or is_set or name.startswith("_"):
                continue
            if not _is_outside(project, (path, function.qualname), tree.Path(f"{before}app", node.at)):
                continue
            if not any(project[_gives, (other, name)] or project[_hands_over, other] for other in project.paths):
                found.append((name, node.text, node.at))
    return tuple(found)


def _hands_over(project: Project, path: str) -> bool:
    """Whether a file gives an application to a library, which may keep things in its state."""
    module = project.module(path)
    if module is None or is_aside(path) or not any(each.name in ("FastAPI", "Starlette") for each in module.imports):
        return False
    for function in module.functions:
        for call in function.call_nodes:
            scope = (path, function.qualname)
            names = [each for each in (*call.args, *(keyword.value for keyword in call.keywords)) if _is_name(each)]
            if any(_is_application(project, scope, each) for each in names):
                callee = evaluate(project, scope, call.func)
                if isinstance(callee, Symbol) and callee.kind == "external" and not callee.name.startswith(_HARMLESS):
                    return True
    return False


def _is_name(node: tree.Node) -> bool:
    return isinstance(node, tree.Path) and "." not in node.text


def _is_application(project: Project, scope: tuple[str, str], node: tree.Node) -> bool:
    try:
        answer = evaluate(project, scope, node)
    except CyclicFact:
        return True
    return isinstance(answer, Symbol) and answer.name.endswith((".FastAPI()", ".Starlette()"))


def _gives(project: Project, key: tuple[str, str]) -> bool:
    """Whether a file may set an attribute of a name on anything, or give all of a state at once."""
    path, name = key
    module = project.module(path)
    for function in module.functions if module is not None else ():
        if function.mentions("app.state") and any(
            isinstance(target, tree.Path) and target.text.endswith("app.state")
            for node in function.every(tree.Assign)
            for target in node.targets
        ):
            return True
        if function.mentions("setattr") and function.mentions("state"):
            return True
        if not function.mentions(name):
            continue
        for node in function.nodes:
            if isinstance(node, tree.Assign):
                targets: tuple[tree.Node, ...] = node.targets
            elif isinstance(node, tree.With):
                targets = tuple(target for _, target in node.items if target is not None)
            elif isinstance(node, (tree.For, tree.AugAssign)):
                targets = (node.target,)
            elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("hasattr", "getattr", "State"):
                if any(isinstance(each, tree.Constant) and each.value == name for each in node.args):
                    return True
                continue
            else:
                continue
            if any(isinstance(each, tree.Path) and each.text.endswith(f".{name}") for each in tree.walk(*targets)):
                return True
    return False
