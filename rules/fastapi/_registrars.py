"""The decorators of FastAPI and Starlette that register callbacks."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars
from cdlint.project import Project

_OWNERS = ("fastapi.FastAPI", "fastapi.APIRouter", "starlette.applications.Starlette")
_VERBS = ("exception_handler", "middleware", "on_event")


@provides(registrars)
def fastapi_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return tuple(Registrar(f"{owner}().{verb}", "callback") for owner in _OWNERS for verb in _VERBS)
