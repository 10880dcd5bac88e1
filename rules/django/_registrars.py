"""What registers pages of the admin, routes and tables with Django and Django Ninja."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.registrars import Registrar, registrars, table_bases
from cdlint.project import Project

_PAGES = ("django.contrib.admin.register", "django.contrib.admin.decorators.register")
_ROUTES = tuple(f"ninja.NinjaAPI().{verb}" for verb in ("delete", "get", "patch", "post", "put"))


@provides(registrars)
def django_registrars(project: Project) -> tuple[Registrar, ...]:
    """The same for every repository."""
    return (*(Registrar(name, "admin page") for name in _PAGES), *(Registrar(name, "route") for name in _ROUTES))


@provides(table_bases)
def django_table_bases(project: Project) -> tuple[str, ...]:
    """The same for every repository."""
    return ("django.db.models.",)
