"""The decorators of Django and Django Ninja that register pages of the admin and routes."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars
from cdlint.project import Project

_PAGES = ("django.contrib.admin.register", "django.contrib.admin.decorators.register")
_ROUTES = tuple(f"ninja.NinjaAPI().{verb}" for verb in ("delete", "get", "patch", "post", "put"))


@provides(registrars)
def django_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (*(Registrar(name, "admin page") for name in _PAGES), *(Registrar(name, "route") for name in _ROUTES))
