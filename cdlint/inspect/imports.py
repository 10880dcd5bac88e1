"""`inspect imports`: the first-party modules and the imports between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..facts.model import Broken
from ..project import Project
from ..project.answers import Symbol, Unknown
from ..project.imports import Edge, edges, graph
from ..project.modules import find_module, module_name

HEAD = ("where", "importer", "imports", "kind")


def answer(project: Project) -> dict[str, Any]:
    """The modules and the imports between them; every list is sorted."""
    names = {path: module_name(project, path) for path in project.paths}
    found = [_row(names, edge) for path in project.paths for edge in project[edges, path]]
    found.sort(key=lambda row: (row["importer"], row["line"], row["imported"], row["kind"]))
    unknown = [item for path in project.paths for item in _unknown(project, path)]
    return {
        "modules": sorted(set(names.values())),
        "imports": found,
        "cycles": _cycles(project, names),
        "unknown": unknown,
    }


def _cycles(project: Project, names: dict[str, str]) -> list[list[str]]:
    """Modules that import each other when they are loaded: of each group the shortest way round from its first."""
    import networkx

    whole = project[graph]
    at_load = [(a, b) for a, b, kinds in whole.edges(data="kinds") if kinds & {"runtime", "conditional"}]
    loaded = networkx.DiGraph(at_load)
    found = []
    for group in networkx.strongly_connected_components(loaded):
        if len(group) > 1:
            inside, first = loaded.subgraph(group), min(group)
            ways = [networkx.shortest_path(inside, each, first) for each in sorted(inside.successors(first))]
            found.append([names.get(path, path) for path in (first, *min(ways, key=lambda way: (len(way), way)))])
    return sorted(found)


def rows(found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The rows of the table."""
    return [
        (f"{each['file']}:{each['line']}", each["importer"], each["imported"], each["kind"])
        for each in found["imports"]
    ]


def pairs(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Who imports whom; dashed what does not run when the module is imported."""
    return [
        (each["importer"], each["imported"], each["kind"] in ("runtime", "conditional")) for each in found["imports"]
    ]


def _row(names: dict[str, str], edge: Edge) -> dict[str, Any]:
    imported = names.get(edge.imported) or edge.imported.rstrip("/").replace("/", ".")
    return {
        "importer": names[edge.importer],
        "imported": imported,
        "line": edge.at[0],
        "kind": edge.kind,
        "file": edge.importer,
    }


def _unknown(project: Project, path: str) -> Iterable[dict[str, Any]]:
    facts = project.facts(path)
    if isinstance(facts, Broken):
        yield {"file": path, "line": facts.line, "what": "the whole file", "why": facts.message}
    elif facts is not None:
        for each in facts.imports:
            answer = project[find_module, (path, each.module)]
            if not isinstance(answer, Symbol):
                why = answer.why if isinstance(answer, Unknown) else "there is no such module"
                yield {"file": path, "line": each.at[0], "what": f"import of `{each.module}`", "why": why}
