"""The decorator of SQLAlchemy that registers listeners."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars
from cdlint.project import Project


@provides(registrars)
def sqlalchemy_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (Registrar("sqlalchemy.event.listens_for", "listener"),)
