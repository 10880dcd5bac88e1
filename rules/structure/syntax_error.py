"""A file is not valid Python, so nothing in it can be loaded.

## Why
Python parses a file before it runs any of it. One unclosed bracket takes the whole module
away, and with it everything that imports the module. What cdlint could say of the file, and of
what it exports, is unknown until this is mended.

## Instead
Mend the syntax at the place shown, or just before it.

## Known limits
Files for a newer Python than the one that runs cdlint are read by a second parser, and what
only that one accepts is no finding. Templates, samples and test data in folders from which
nothing is imported, and scripts for Python 2 outside every package, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts.model import Broken
from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._broken import broken_files


@rule(of=broken_files, severity="error", constraint="startup")
def syntax_error(project: Project, file: tuple[str, Broken]) -> Iterator[Finding]:
    """One finding a file."""
    path, broken = file
    if broken.kind != "syntax":
        return
    line = _line(project, path, broken.line)
    column = len(line[: broken.column].encode("utf-8", "replace"))
    at = (broken.line, column, broken.line, column + 1)
    what, _, cure = broken.message.partition(". ")
    message = f"The file is not valid Python: {what.rstrip('.?')}."
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        message = "The file is not valid Python: a merge conflict has been left in it."
        cure = "Keep one side of the conflict and remove the markers."
    yield Finding(Location(path, at), message, symbol="syntax", cure=cure)


def _line(project: Project, path: str, number: int) -> str:
    lines = (project.text(path) or "").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""
