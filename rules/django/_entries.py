"""The files with which a Django project begins: its settings, its root URLconf and the modules of its apps."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.starts import Entry, entries
from cdlint.project import Project

from ._reach import starts_of
from ._settings import running


@provides(entries)
def project_files(project: Project) -> tuple[Entry, ...]:
    """What Django imports by itself when a project starts."""
    found: dict[str, Entry] = {}
    for settings in project[running].modules:
        found.setdefault(settings.path, Entry(settings.path, "", "these settings are named here", settings.named_at))
        for step in starts_of(project, settings.path):
            found.setdefault(step.path, Entry(step.path, "", "Django imports it because of this line", step.at))
    return tuple(found.values())
