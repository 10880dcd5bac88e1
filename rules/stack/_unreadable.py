"""Notices about manifests that no tool can read, of which nothing is known."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.notices import run_notices
from cdlint.diagnostic import Notice
from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.project.versions import problems

_BROKEN = ("it is not valid", "it is not UTF-8", "it is no section")


@provides(run_notices)
def unreadable_manifests(project: Project) -> tuple[Notice, ...]:
    """One notice a file."""
    found = {each.path: each for each in reversed(project[problems]) if each.why.startswith(_BROKEN)}
    return tuple(
        Notice(f"the manifest cannot be read: {each.why}", path, each.line)
        for path, each in found.items()
        if not is_aside(path)
    )
