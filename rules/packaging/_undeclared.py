"""Distributions that the program needs to start and that nothing installs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import starts
from cdlint.project import Project
from cdlint.project.manifests import declared
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._installed import installed
from ._modules import providers
from ._reach import importers_of, tops
from ._requires import requirements_table

_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian"})


class Undeclared(NamedTuple):
    """A distribution that is missing; `module` is imported at `at`, or `program` is run there."""

    distribution: str
    module: str
    program: str
    at: Location
    manifest: str
    line: int


def undeclared(project: Project) -> tuple[Undeclared, ...]:
    """Everything that is missing, once each."""
    known = project[providers]
    used = {top for path in project.paths if not is_aside(path) for top in project[tops, path] if top in known}
    suspects = [top for top in sorted(used) if not _named(project, top)]
    programs = [each for each in project[starts] if each.program in _SERVERS and each.program not in project[declared]]
    if not suspects and not programs:
        return ()
    there = project[installed]
    if there.why or not there.manifest:
        return ()
    found = _roots(project, list(_modules(project, suspects)))
    # A manifest that has less than half of what is imported is that of something else.
    if len(found) * 2 > len(used):
        return ()
    missing = {each.distribution for each in found}
    for each in programs:
        if each.program not in there.names and each.program not in missing:
            found.append(Undeclared(each.program, "", each.program, each.at, there.manifest, there.line))
            missing.add(each.program)
    return tuple(found)


def _roots(project: Project, found: list[Undeclared]) -> list[Undeclared]:
    """Those that no other missing one would bring along."""
    table = project[requirements_table]
    brought = {name.partition("[")[0] for each in found for name in table.get(each.distribution, ())}
    return [each for each in found if each.distribution not in brought]


def _named(project: Project, top: str) -> bool:
    return any(name.replace("-", "_") in project[declared] for name in project[providers][top])


def _modules(project: Project, suspects: list[str]) -> Iterator[Undeclared]:
    there = project[installed]
    for top in suspects:
        names = project[providers][top]
        plain = top.lower().replace("_", "-")
        if any(name in there.names for name in names) or any(plain in name for name in there.names):
            continue
        places = project[importers_of, top]
        if places:
            path, line = places[0]
            at = Location(path, (line, 0, line, 0))
            yield Undeclared(names[0], top, "", at, there.manifest, there.line)
