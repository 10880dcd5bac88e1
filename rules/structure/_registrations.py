"""What a file puts into the running program by being imported: routes, tables, callbacks and pages of the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.endpoints import endpoints, routers
from cdlint.backend.registrars import kinds, table_bases
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import ancestry
from cdlint.project.values import evaluate

from ._registries import is_registry, subclass_registry

_ADDING = frozenset(
    {
        "add_api_route", "add_api_websocket_route", "add_delete", "add_get", "add_patch", "add_post", "add_put",
        "add_resource", "add_route", "add_routes", "add_url_rule", "add_view", "api_route", "delete", "get", "head",
        "options", "patch", "post", "put", "resource", "route", "websocket", "websocket_route",
    }
)  # fmt: skip
"""What most code that adds routes calls, or decorates with."""


class Registration(NamedTuple):
    """Something that exists only once its file is imported. `kind` is the word for it."""

    kind: str
    name: str
    at: At


def registrations(project: Project, path: str) -> tuple[Registration, ...]:
    """What a file registers, in the order of its lines; nothing where another rule speaks of its routers."""
    module = project.module(path)
    if module is None or path in project[router_files]:
        return ()
    found = list(_callbacks(project, path, module))
    # Routes and tables are much to look at, so only where a name speaks of them.
    if not _ADDING.isdisjoint(project[called_names, path]):
        found += [Registration("route", name, at) for name, at in project[_routes].get(path, ())]
    if any(cls.base_codes and cls.fields and _may_map(project, path, cls.qualname) for cls in module.classes):
        found += [Registration("table", name, at) for name, at in project[_mapped].get(path, ())]
    first: dict[At, Registration] = {}
    for each in sorted(found, key=lambda each: each.at):
        first.setdefault(each.at, each)
    return tuple(first.values())


def _may_map(project: Project, path: str, qualname: str) -> bool:
    """Whether a class may stand for a table, told by its bases before any table is looked at."""
    above = project[ancestry, Symbol("class", path, qualname)]
    return bool(above.unknown) or any(name.startswith(project[table_bases]) for name in above.external)


def _callbacks(project: Project, path: str, module: Module) -> Iterator[Registration]:
    """What decorators register, and classes that a base registers."""
    for function in module.functions:
        if not function.parent and not function.owner:
            for decorator in function.decorators if function.decorator_codes else ():
                kind = _kind(project, path, decorator)
                if kind:
                    yield Registration(kind, function.name, decorator.at)
    for cls in module.classes:
        if cls.parent:
            continue
        for decorator in cls.decorators if cls.decorator_codes else ():
            kind = _kind(project, path, decorator)
            if kind:
                yield Registration(kind, cls.name, cls.at)
        if cls.base_codes and subclass_registry(project, Symbol("class", path, cls.qualname)):
            yield Registration("subclass", cls.name, cls.at)


def _kind(project: Project, path: str, decorator: tree.Node) -> str:
    func = decorator.func if isinstance(decorator, tree.Call) else decorator
    if not isinstance(func, tree.Path):
        return ""
    answer = evaluate(project, (path, ""), func)
    if is_registry(project, answer, path):
        return "handler"
    return project[kinds].get(answer.name, "") if isinstance(answer, Symbol) and answer.kind == "external" else ""


def router_files(project: Project) -> frozenset[str]:
    """The files that make routers: whether those are served is asked elsewhere."""
    return frozenset(each.at.path for each in project[routers])


def _routes(project: Project) -> dict[str, tuple[tuple[str, At], ...]]:
    """File -> the routes that it adds to an application."""
    found: dict[str, dict[tuple[str, At], None]] = {}
    for each in project[endpoints]:
        if each.handler.path == each.at.path:
            found.setdefault(each.at.path, {})[each.handler.name, each.at.at] = None
    return {path: tuple(routes) for path, routes in found.items()}


def _mapped(project: Project) -> dict[str, tuple[tuple[str, At], ...]]:
    """File -> the classes in it that stand for tables."""
    found: dict[str, list[tuple[str, At]]] = {}
    for each in project[tables]:
        if not each.abstract and each.model is not None and each.at.path == each.model.path:
            found.setdefault(each.at.path, []).append((each.model.name, each.at.at))
    return {path: tuple(models) for path, models in found.items()}
