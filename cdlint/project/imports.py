"""The import graph: which first-party module imports which, when, and on which line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..facts import tree
from ..facts.model import Import
from ..facts.tree import At
from . import Project
from .answers import Answer, Symbol
from .classes import resolve_in
from .modules import find_module, submodule
from .names import lookup, namespace

if TYPE_CHECKING:
    import networkx

KINDS = ("runtime", "type-only", "deferred", "conditional", "dynamic", "string")
"""Every kind of edge; `string` edges are found by packs, which know what a setting means."""

_IMPORTERS = frozenset({"importlib.import_module", "builtins.__import__"})


class Edge(NamedTuple):
    """One import of a first-party module. Paths of files; a namespace folder ends in `/`."""

    importer: str
    imported: str
    kind: str
    at: At
    name: str
    """The imported name when it is not a module itself, else `""`."""


def edges(project: Project, path: str) -> tuple[Edge, ...]:
    """What a file imports of the repository, in the order of its lines."""
    module = project.module(path)
    if module is None:
        return ()
    found = [edge for each in module.imports if (edge := _edge(project, path, each)) is not None]
    found.extend(_dynamic(project, path))
    return tuple(sorted(found, key=lambda edge: (edge.at, edge.imported)))


def _edge(project: Project, path: str, each: Import) -> Edge | None:
    target = project[find_module, (path, each.module)]
    if not _is_module(target):
        return None
    assert isinstance(target, Symbol)
    if each.name in (None, "*"):
        return Edge(path, target.path, each.kind, each.at, "")
    name = str(each.name)
    inner = submodule(project, target, name)
    if inner is not None and _means_submodule(project, target.path, name, inner):
        return Edge(path, inner.path, each.kind, each.at, "")
    return Edge(path, target.path, each.kind, each.at, name)


def _means_submodule(project: Project, package: str, name: str, inner: Symbol) -> bool:
    """Whether `package.name` is the submodule and not something else that `__init__` binds."""
    if package.endswith("/") or project[namespace, package] is None:
        return True
    answer = project[lookup, (package, name)]
    return answer == inner or not isinstance(answer, Symbol)


def _is_module(answer: Answer) -> bool:
    return isinstance(answer, Symbol) and answer.kind == "module"


def _dynamic(project: Project, path: str) -> list[Edge]:
    """`importlib.import_module("literal")` and `__import__("literal")`."""
    module = project.module(path)
    found = []
    for function in module.functions if module else ():
        if not any(call.endswith(("import_module", "__import__")) for call in function.calls):
            continue
        for call in function.call_nodes:
            name = call.argument(0, "name")
            if not (
                isinstance(call.func, tree.Path) and isinstance(name, tree.Constant) and isinstance(name.value, str)
            ):
                continue
            called = resolve_in(project, path, function.qualname, call.func.text)
            if not isinstance(called, Symbol) or called.name not in _IMPORTERS:
                continue
            target = project[find_module, (path, name.value)]
            if isinstance(target, Symbol) and target.kind == "module":
                found.append(Edge(path, target.path, "dynamic", call.at, ""))
    return found


def targets(project: Project, path: str) -> tuple[tuple[str, str], ...]:
    """What a file imports, as (imported, kind) without lines: equal while only lines move."""
    return tuple(sorted({(edge.imported, edge.kind) for edge in project[edges, path] if edge.imported != path}))


def graph(project: Project) -> networkx.DiGraph[str]:
    """The import graph over files; each edge holds the set of its `kinds`."""
    import networkx

    made: networkx.DiGraph[str] = networkx.DiGraph()
    made.add_nodes_from(project.paths)
    for path in project.paths:
        for imported, kind in project[targets, path]:
            if made.has_edge(path, imported):
                made[path][imported]["kinds"].add(kind)
            else:
                made.add_edge(path, imported, kinds={kind})
    return made


def importers(project: Project) -> dict[str, tuple[tuple[str, str], ...]]:
    """File -> the (importer, kind) pairs that import it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in project.paths:
        for imported, kind in project[targets, path]:
            found.setdefault(imported, []).append((path, kind))
    return {imported: tuple(sorted(pairs)) for imported, pairs in found.items()}
