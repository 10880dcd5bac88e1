"""Features whose package is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.starts import starts
from cdlint.project import Project
from cdlint.project.ranges import contains
from cdlint.project.versions import statements, version
from cdlint.rule import Location

from ._databases import driver_needs
from ._features import Feature, features
from ._hashing import hash_needs
from ._installed import installed
from ._reach import tops

_EXTRAS = {
    "email-validator": "pydantic[email]", "greenlet": "sqlalchemy[asyncio]", "fastapi-cli": "fastapi[standard]",
    "argon2-cffi": "passlib[argon2]", "bcrypt": "passlib[bcrypt]", "python-multipart": "python-multipart",
}  # fmt: skip
_FRAMEWORKS = frozenset({"django", "fastapi", "pydantic", "sqlalchemy", "sqlmodel", "starlette"})


class Lacking(NamedTuple):
    """A use with the manifest that does not install what it needs, and how one would write it there."""

    feature: Feature
    manifest: str
    line: int
    written: str


def lacking(project: Project) -> tuple[Lacking, ...]:
    """Each missing package once, at its first use."""
    used = [each for path in _candidates(project) for each in project[features, path]]
    used.extend((*_of_starts(project), *project[hash_needs], *project[driver_needs]))
    used = [each for each in used if project[statements].keys().isdisjoint(each.needs)]
    if not used:
        return ()
    there = project[installed]
    if there.why or not there.manifest:
        return ()
    found: dict[str, Lacking] = {}
    for each in used:
        if not there.names.isdisjoint(each.needs) or not _concerns(project, each):
            continue
        written = _EXTRAS.get(each.needs[0], each.needs[0])
        found.setdefault(each.needs[0], Lacking(each, there.manifest, there.line, written))
    return tuple(found.values())


def _candidates(project: Project) -> list[str]:
    """The files that may use such a feature: any, where types of addresses are passed on under other names."""
    paths = [path for path in project.paths if not _FRAMEWORKS.isdisjoint(project[tops, path])]
    passed_on = any("pydantic" in project[tops, path] for path in paths)
    return list(project.paths) if passed_on else paths


def _concerns(project: Project, each: Feature) -> bool:
    """Whether the framework is declared at all, and of a version that needs the package."""
    if each.what == "TestClient":
        found = project[version, "fastapi"].version
        # Before Starlette 0.21 its client was one of requests.
        return not found.exact or contains(">=0.87", found.exact)
    return True


def _of_starts(project: Project) -> Iterator[Feature]:
    for start in project[starts]:
        if start.program not in ("fastapi", "gunicorn"):
            continue
        lines = (project.text(start.at.path) or "").splitlines()
        line = lines[start.at.at[0] - 1] if start.at.at[0] <= len(lines) else ""
        if start.program == "fastapi":
            yield Feature(f"fastapi {start.target}", ("fastapi-cli",), start.at)
        if start.program == "gunicorn" and "uvicorn.workers." in line:
            yield Feature("uvicorn.workers", ("uvicorn",), start.at)


def place(each: Lacking) -> Location:
    """Where the package would be declared."""
    return Location(each.manifest, (each.line, 0, each.line, 0))
