"""Files of the program that cannot be read or parsed."""

from __future__ import annotations

from cdlint.facts.model import Broken
from cdlint.project import Project

from ._program import is_program

PYTHON_2 = (
    "Missing parentheses in call to",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer",
    "inconsistent use of tabs",
)


def broken_files(project: Project) -> tuple[tuple[str, Broken], ...]:
    """The files without facts that Python would have to load, with what is wrong in them."""
    found = []
    for path in project.paths:
        facts = project[_broken, path]
        if facts is not None and project[is_program, path] and not _is_python_2(project, path, facts):
            found.append((path, facts))
    return tuple(found)


def _broken(project: Project, path: str) -> Broken | None:
    facts = project.facts(path)
    return facts if isinstance(facts, Broken) and facts.kind in ("syntax", "undecodable", "unreadable") else None


def _is_python_2(project: Project, path: str, facts: Broken) -> bool:
    """A script for another Python, in no package: it is in order where it runs."""
    folder = path.rpartition("/")[0]
    in_package = project.exists(f"{folder}/__init__.py" if folder else "__init__.py")
    return facts.message.startswith(PYTHON_2) and not in_package
