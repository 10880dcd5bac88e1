"""What registers listeners and tables with SQLAlchemy."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars, table_bases
from cdlint.project import Project


@provides(registrars)
def sqlalchemy_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (Registrar("sqlalchemy.event.listens_for", "listener"),)


@provides(table_bases)
def sqlalchemy_table_bases(project: Project) -> tuple[str, ...]:
    """The same for every repository."""
    return ("flask_sqlalchemy.", "sqlalchemy.", "sqlmodel.")
