"""What packs have to say about the run itself, such as a pattern that matches no module."""

from __future__ import annotations

from ..diagnostic import Notice
from ..project import Project
from .collected import collect


def run_notices(project: Project) -> tuple[Notice, ...]:
    """The notices of all packs."""
    return collect(project, run_notices)
