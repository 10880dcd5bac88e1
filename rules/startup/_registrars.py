"""The decorators of programs and workers that no framework's pack speaks for."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars
from cdlint.project import Project


@provides(registrars)
def program_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (Registrar("dramatiq.actor", "task"), Registrar("typer.Typer().command", "command"))
