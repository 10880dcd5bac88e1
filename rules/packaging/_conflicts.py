"""Which declared versions cannot work: with each other, or with the names that the code imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.loading import needs
from cdlint.project.modules import find_module
from cdlint.project.places import is_aside
from cdlint.project.ranges import contains, within
from cdlint.project.stated import LOCK
from cdlint.project.versions import Version, statements, version
from cdlint.rule import Evidence, Location

from ._hashing import hashers
from ._installed import installed
from ._known_conflicts import LATEST, PAIRS, REMOVALS, Pair, Removal
from ._reach import tops
from ._requires import requirements_table

_MODULES = frozenset(each.module for each in REMOVALS)


class Conflict(NamedTuple):
    """What cannot work, where one would change it, and what shows it."""

    at: Location
    message: str
    cure: str
    related: tuple[Evidence, ...]
    symbol: str


def conflicts(project: Project) -> tuple[Conflict, ...]:
    """Everything that is known to fail with the versions that are declared."""
    found = [each for pair in PAIRS if (each := _pair(project, pair)) is not None]
    for path in project.paths:
        if not is_aside(path):
            found.extend(project[_removed_in, path])
    return tuple(found)


def _pair(project: Project, pair: Pair) -> Conflict | None:
    if pair.first not in project[statements]:
        return None
    first = _certain(project, pair.first, pair.first_versions)
    used = _used(project, pair.trigger) if first is not None else None
    second = _certain(project, pair.second, pair.second_versions) if used is not None else None
    if first is None or used is None or second is None:
        return None
    place = second if second.path and pair.second != "python" else first
    shown = second.exact or LATEST.get(pair.second, "")
    message = f"`{pair.first}` {first.exact or LATEST[pair.first]} fails with `{pair.second}` {shown}: {pair.error}."
    related = (Evidence(used, "where it fails"), Evidence(_at(first), f"`{pair.first}` {first.text}"))
    lower = pair.second_versions.replace(">=", "<")
    cure = f"Pin `{pair.second}{lower}`, or replace `{pair.first}`."
    return Conflict(_at(place), message, cure, related, f"{pair.first} {pair.second}")


def _at(found: Version) -> Location:
    return Location(found.path, (found.line, 0, found.line, 0))


def _used(project: Project, trigger: str) -> Location | None:
    """The first use that runs into the trouble."""
    for path in project.paths:
        if trigger == "bcrypt":
            for each in project[hashers, path]:
                if each.scheme == "bcrypt":
                    return each.at
        elif trigger == "TestClient":
            for need in project[needs, path]:
                if trigger in need.names and need.module in ("fastapi.testclient", "starlette.testclient"):
                    return Location(path, (need.line, 0, need.line, 0))
        elif trigger in project[tops, path] and not is_aside(path):
            for need in project[needs, path]:
                if need.module.partition(".")[0] == trigger:
                    return Location(path, (need.line, 0, need.line, 0))
    return None


def _certain(project: Project, name: str, wanted: str) -> Version | None:
    """What says that a distribution is of the versions that fail; None when it may be of another one."""
    found = project[version, name]
    if found.version.why and not found.version.path:
        return _brought(project, name, wanted)
    for each in (found.version, *found.others):
        if each.why or not _fails(project, name, each, wanted):
            return None
    return found.version


def _fails(project: Project, name: str, each: Version, wanted: str) -> bool:
    if each.exact:
        return contains(wanted, each.exact)
    if each.specifier and within(each.specifier, wanted):
        return True
    latest = LATEST.get(name)
    newest = latest is not None and (not each.specifier or contains(each.specifier, latest))
    return newest and contains(wanted, latest or "") and _is_free(project, name)


def _brought(project: Project, name: str, wanted: str) -> Version | None:
    """A distribution that nothing names and that another one brings along, then in its newest version."""
    there = project[installed]
    if name == "python" or there.why or name not in there.names or not contains(wanted, LATEST[name]):
        return None
    return Version("", "", "", "", 0) if _is_free(project, name) else None


def _is_free(project: Project, name: str) -> bool:
    """Whether nothing that is pinned may hold a distribution back from its newest version."""
    table = project[requirements_table]
    for other, said in project[statements].items():
        for _, each in said:
            if each.kind == LOCK:
                return False
            held = each.specifier.startswith("==") or "<" in each.specifier or "~=" in each.specifier
            if held and other not in (name, "python") and not _allows(other, name, table):
                return False
    return True


def _allows(other: str, name: str, table: dict[str, tuple[str, ...]]) -> bool:
    """Whether a pinned distribution is known to set no bound on another one: the pairs above are those that fail."""
    if any(pair.first == other and pair.second == name for pair in PAIRS):
        return True
    requires = table.get(other)
    return requires is not None and not any(each.partition("[")[0] == name for each in requires)


def _removed_in(project: Project, path: str) -> tuple[Conflict, ...]:
    return tuple(_removed(project, path))


def _removed(project: Project, path: str) -> Iterator[Conflict]:
    for need in project[needs, path]:
        if need.module in _MODULES:
            for row in REMOVALS:
                lost = [name for name in need.names if name in row.names] if row.module == need.module else []
                if lost and (found := _of_row(project, path, need.module, row)) is not None:
                    at = Location(path, (need.line, 0, need.line, 0))
                    yield _lost(at, f"`{lost[0]}` of `{row.module}`", row, found)


def _of_row(project: Project, path: str, module: str, row: Removal) -> Version | None:
    answer = project[find_module, (path, module)]
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return None
    return _certain(project, row.distribution, row.lacking)


def _lost(at: Location, what: str, row: Removal, found: Version) -> Conflict:
    shown = found.exact or (LATEST.get(row.distribution, "") if "<" not in row.lacking else found.text)
    reason = f"which `{found.path}` asks for" if found.exact else "which an installation gives today"
    message = f"{what} is not there in `{row.distribution}` {shown}, {reason}."
    related = (Evidence(_at(found), f"`{row.distribution}` {found.text}"),) if found.path else ()
    return Conflict(at, message, f"Use `{row.instead}`.", related, f"{row.distribution} {what}")
