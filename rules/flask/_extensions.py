"""Which extensions of Flask are used, and which of them bring neither routes nor templates."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.modules import find_module
from cdlint.project.places import is_aside

PLAIN = frozenset(
    {"flask", "quart", "flask_sqlalchemy", "flask_migrate", "flask_login", "flask_wtf", "flask_jwt_extended",
     "flask_cors", "flask_marshmallow", "flask_restful", "flask_bcrypt", "flask_mail", "flask_caching",
     "flask_limiter", "flask_moment", "flask_babel", "flask_socketio", "flask_session", "flask_httpauth",
     "flask_compress", "flask_talisman", "flask_script", "flask_mailman", "flask_apscheduler", "flask_pymongo",
     "flask_redis", "flask_pagedown", "flask_sslify", "flask_seasurf", "flask_mysqldb",
     "os", "sys", "builtins", "logging", "werkzeug", "functools", "contextlib", "asgiref", "uvicorn", "gunicorn",
     "waitress", "sqlalchemy", "alembic", "click", "threading", "celery", "marshmallow", "dotenv", "pathlib", "json",
     "redis", "sentry_sdk", "opentelemetry", "unittest", "atexit", "signal", "time"}
)  # fmt: skip
"""Packages that may be given an application without it getting a route or a template by that."""

_FOLDERS = {
    "flask_admin": ("admin/",), "flask_appbuilder": ("appbuilder/",), "flask_security": ("security/",),
    "flask_user": ("flask_user/",), "flask_bootstrap": ("bootstrap/", "bootstrap4/", "bootstrap5/"),
    "flask_restx": ("swagger-ui",), "flasgger": ("flasgger/",), "flask_blogging": ("blogging/",),
}  # fmt: skip
"""Where extensions keep templates that those of the application build on, in folders that it may have too."""


def extended(project: Project) -> bool:
    """Whether extensions are used that may bring routes and templates of their own."""
    return any(project[extensions, path] - PLAIN for path in project.paths)


def brought(project: Project) -> tuple[str, ...]:
    """The beginnings of the names of templates that packages in use may bring, in folders of their own names mostly."""
    own = {part for path in project.paths for part in path.split("/")[:-1]}
    used = frozenset(top for path in project.paths for top in project[_packages, path] - own)
    return tuple(sorted(name for top in used for name in (f"{top}/", *_FOLDERS.get(top, ()))))


def _packages(project: Project, path: str) -> frozenset[str]:
    """The packages from elsewhere that a file imports and that may bring something."""
    module = None if is_aside(path) else project.module(path)
    tops = {each.module.partition(".")[0] for each in module.imports} if module else set()
    found = {top: project[find_module, (path, top)] for top in tops - PLAIN if top}
    return frozenset(top for top, each in found.items() if isinstance(each, Symbol) and each.kind == "external")


def extensions(project: Project, path: str) -> frozenset[str]:
    """The extensions that a file imports."""
    module = None if is_aside(path) else project.module(path)
    tops = (each.module.partition(".")[0] for each in module.imports) if module else ()
    return frozenset(top for top in tops if top.startswith(("flask", "invenio", "quart", "werkzeug")))
