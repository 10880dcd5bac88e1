"""Modules that import each other while they are loaded: the cycles of the import graph at load time."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.imports import edges
from cdlint.project.loading import packages_of

AT_LOAD = frozenset(["runtime", "conditional"])


def loads(project: Project, path: str) -> tuple[str, ...]:
    """The files that loading this file loads directly, in that order, its packages first."""
    found = dict.fromkeys(project[packages_of, path])
    for edge in project[edges, path]:
        if edge.kind in AT_LOAD and edge.imported.endswith(".py"):
            found.update(dict.fromkeys((*project[packages_of, edge.imported], edge.imported)))
    found.pop(path, None)
    return tuple(found)


def cycles(project: Project) -> tuple[tuple[str, ...], ...]:
    """The groups of files that load each other, each sorted: strongly connected components (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found = []
    for start in project.paths:
        if start in order:
            continue
        work = [(start, iter(project[loads, start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        on_stack.add(start)
        while work:
            path, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[path])
                if low[path] == order[path]:
                    group = stack[stack.index(path) :]
                    del stack[-len(group) :]
                    on_stack.difference_update(group)
                    if len(group) > 1:
                        found.append(tuple(sorted(group)))
            elif target not in order:
                order[target] = low[target] = len(order)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(project[loads, target])))
            elif target in on_stack:
                low[path] = min(low[path], order[target])
    return tuple(sorted(found))


def outside_importers(project: Project) -> dict[str, tuple[str, ...]]:
    """File -> the files that load it, directly or in a function, its own group left out."""
    group = {path: number for number, members in enumerate(project[cycles]) for path in members}
    found: dict[str, list[str]] = {}
    for path in project.paths:
        for imported in dict.fromkeys(edge.imported for edge in project[edges, path] if edge.kind != "type-only"):
            if imported in group and group.get(path) != group[imported]:
                found.setdefault(imported, []).append(path)
    return {imported: tuple(paths) for imported, paths in found.items()}
