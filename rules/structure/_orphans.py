"""The modules that register something in the program and that nothing of the program imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import entries
from cdlint.project import Project
from cdlint.project.imports import edges, importers
from cdlint.project.modules import module_name
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Location

from ._loaded import closure, importing, is_script, unloaded
from ._naming import may_be_loaded
from ._registrations import Registration, registrations, router_files


class Orphan(NamedTuple):
    """A module that is never imported, what it registers, and what shows that the program runs without it."""

    path: str
    module: str
    registrations: tuple[Registration, ...]
    tests: bool
    """Whether tests import it."""
    related: tuple[Evidence, ...]
    more: int = 0
    """How many others of the same folder it stands for."""


_MANY = 3
"""So many modules of one folder are told as one: what shall import them all is missing."""


def orphans(project: Project) -> tuple[Orphan, ...]:
    """The modules that are left out of the program, where it is known how that begins."""
    begun = project[entries]
    lost = project[unloaded] if begun else frozenset()
    if not lost:
        return ()
    holding = {path: held for path in sorted(lost) if (held := project[registrations, path])}
    if not holding:
        return ()
    running = project[closure, tuple(sorted({entry.path for entry in begun}))]
    found: dict[str, Orphan] = {}
    above = {path: project[importing, path] for path in holding}
    others = frozenset(holding) | project[router_files]
    # What others bring along comes after them, and one of all that one import would bring is enough.
    for path in sorted(holding, key=lambda each: (len(above[each] & others), each)):
        top = min((each for each in above[path] if not project[importing, each]), default=path)
        siblings = _siblings(project, path, running)
        if top in found or not siblings or not others.isdisjoint(above[path]) or _may_run(project, path, above[path]):
            continue
        entry = min(begun, key=lambda each: (-_shared(each.path, path), each.at))
        related = (Evidence(entry.at, entry.what), *_neighbours(project, siblings, running))
        tests = any(is_aside(by) for by, _ in project[importers].get(path, ()))
        found[top] = Orphan(path, module_name(project, path), holding[path], tests, related)
    return tuple(_gathered(list(found.values())))


def _gathered(found: list[Orphan]) -> Iterator[Orphan]:
    groups: dict[tuple[str, str, bool], list[Orphan]] = {}
    for each in found:
        key = (each.path.rpartition("/")[0], each.registrations[0].kind, each.tests)
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        if len(group) < _MANY:
            yield from group
            continue
        first, *others = sorted(group, key=lambda each: each.path)
        places = [Evidence(Location(each.path, each.registrations[0].at), "so is this one") for each in others]
        yield first._replace(related=(*first.related, *places), more=len(others))


def _siblings(project: Project, path: str, running: frozenset[str]) -> tuple[str, ...]:
    """The files that the program loads and that lie in the same package, the nearest ones; none in another program."""
    folder = path.rpartition("/")[0]
    depth = module_name(project, path).count(".")
    if not depth:
        return tuple(sorted(each for each in running if each.rpartition("/")[0] == folder))
    for _ in range(depth):
        found = tuple(sorted(each for each in running if each.startswith(f"{folder}/" if folder else "")))
        if found:
            return found
        folder = folder.rpartition("/")[0]
    return ()


def _may_run(project: Project, path: str, above: frozenset[str]) -> bool:
    """Whether somebody may run or load a file, or what imports it, by its name."""
    return any(project[is_script, each] or may_be_loaded(project, each) for each in (path, *sorted(above)))


def _neighbours(project: Project, siblings: tuple[str, ...], running: frozenset[str]) -> tuple[Evidence, ...]:
    """The line that imports a module beside it."""
    for sibling in siblings:
        for by, kind in project[importers].get(sibling, ()):
            if kind == "runtime" and by in running and by != sibling:
                edge = next(each for each in project[edges, by] if each.imported == sibling)
                return (Evidence(Location(by, edge.at), "a module beside it is imported here"),)
    return ()


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return next((count for count, (left, right) in enumerate(pairs) if left != right), one.count("/"))
