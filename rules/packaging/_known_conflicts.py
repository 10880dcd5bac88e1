"""Versions that are known to fail together, and names that a version removed or added: read on 2026-11-22.

Every row names its source: the thread in which the failure was reported, or the release notes that tell of
the change. Where the thread does not say where a range begins or ends, it is read from the tagged source of
the two versions on either side of the bound, which the comment above the row names.
"""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """Two distributions that fail when each is of such a version. `trigger` says which code makes it fail."""

    first: str
    first_versions: str
    second: str
    second_versions: str
    trigger: str
    error: str
    source: str


PAIRS = (
    Pair(
        "passlib", "<=1.7.4", "bcrypt", ">=5.0", "bcrypt",
        "the first hash raises `ValueError: password cannot be longer than 72 bytes`",
        "https://github.com/pyca/bcrypt/issues/1082",
    ),
    # Tags of Flask: 2.0.3 to 2.2.3 import `url_quote` of Werkzeug, 2.2.4 does not. The thread has 2.0.0 and 3.0.3.
    Pair(
        "flask", ">=2.0,<2.2.4", "werkzeug", ">=3.0", "flask",
        "`import flask` raises `ImportError: cannot import name 'url_quote' from 'werkzeug.urls'`",
        "https://github.com/HubSpot/private-app-starter/issues/10",
    ),
    # Tags of Flask-Login: 0.6.2 imports `url_decode` of Werkzeug, 0.6.3 does not.
    Pair(
        "flask-login", "<0.6.3", "werkzeug", ">=3.0", "flask_login",
        "`import flask_login` raises `ImportError: cannot import name 'url_decode' from 'werkzeug.urls'`",
        "https://github.com/maxcountryman/flask-login/issues/780",
    ),
    # The thread has the failing constructor of Flask-SQLAlchemy 2; that of the tag 3.0.0 does not read `__all__`.
    Pair(
        "flask-sqlalchemy", "<3.0", "sqlalchemy", ">=2.0", "flask_sqlalchemy",
        "`SQLAlchemy()` raises `AttributeError: module 'sqlalchemy' has no attribute '__all__'`",
        "https://github.com/trotto/go-links/issues/193",
    ),
    # Tags of FastAPI: from 0.87.0, which brings the client on HTTPX, to 0.110.0 its range of Starlette ends
    # before 0.37.2, the release of Starlette that no longer passes `app`.
    Pair(
        "fastapi", ">=0.87,<0.110.1", "httpx", ">=0.28", "TestClient",
        "`TestClient` raises `TypeError: Client.__init__() got an unexpected keyword argument 'app'`",
        "https://github.com/Kludex/starlette/issues/2771",
    ),
    # Tags of aioredis: 1.3.1 has no such class, 2.0.0 and 2.0.1 do.
    Pair(
        "aioredis", ">=2.0", "python", ">=3.11", "aioredis",
        "`import aioredis` raises `TypeError: duplicate base class TimeoutError`",
        "https://github.com/aio-libs-abandoned/aioredis-py/issues/1443",
    ),
)  # fmt: skip
LATEST = {
    "aioredis": "2.0.1", "bcrypt": "5.0.0", "django": "6.1.3", "fastapi": "0.165.0", "flask": "3.1.3",
    "flask-login": "0.6.3", "flask-sqlalchemy": "3.1.1", "httpx": "0.28.1", "jinja2": "3.1.6", "passlib": "1.7.4",
    "pydantic": "2.14.3", "sqlalchemy": "2.1.9", "werkzeug": "3.1.9",
}  # fmt: skip
"""The newest release in the package index on that day, which an open range installs."""


class Removal(NamedTuple):
    """Names of a module that are there only in some versions of a distribution."""

    module: str
    names: tuple[str, ...]
    distribution: str
    lacking: str
    """The versions without them."""
    instead: str
    source: str


_JINJA = "https://jinja.palletsprojects.com/en/stable/changes/"
_PYDANTIC = "https://docs.pydantic.dev/latest/migration/"
_PYDANTIC_2 = "https://github.com/pydantic/pydantic/blob/v2.0/pydantic/"
_DJANGO_4 = "https://docs.djangoproject.com/en/3.0/internals/deprecation/"
_DJANGO = "https://docs.djangoproject.com/en/stable/releases/"
_SQLALCHEMY = "https://docs.sqlalchemy.org/en/20/changelog/whatsnew_20.html"
_SQLALCHEMY_2 = "https://github.com/sqlalchemy/sqlalchemy/blob/rel_2_0_0/lib/sqlalchemy/ext/asyncio/__init__.py"
REMOVALS = (
    Removal("jinja2", ("Markup", "escape"), "jinja2", ">=3.1", "markupsafe", _JINJA),
    Removal(
        "jinja2", ("contextfunction", "contextfilter", "environmentfilter", "evalcontextfilter"), "jinja2", ">=3.1",
        "jinja2.pass_context", _JINJA,
    ),
    Removal("pydantic", ("BaseSettings",), "pydantic", ">=2.0", "pydantic_settings", _PYDANTIC),
    Removal(
        "pydantic", ("Required",), "pydantic", ">=2.0", "a field without a default", _PYDANTIC_2 + "_migration.py"
    ),
    Removal("pydantic.fields", ("ModelField",), "pydantic", ">=2.0", "pydantic.fields.FieldInfo", _PYDANTIC),
    Removal(
        "pydantic",
        ("field_validator", "model_validator", "RootModel", "TypeAdapter", "computed_field", "field_serializer"),
        "pydantic", "<2.0", "the names of version 1", _PYDANTIC_2 + "__init__.py",
    ),
    Removal(
        "django.utils.translation", ("ugettext", "ugettext_lazy", "ugettext_noop", "ungettext"), "django", ">=4.0",
        "gettext", _DJANGO_4,
    ),
    Removal("django.conf.urls", ("url",), "django", ">=4.0", "django.urls.re_path", _DJANGO + "4.0/"),
    Removal("django.utils.encoding", ("force_text", "smart_text"), "django", ">=4.0", "force_str", _DJANGO_4),
    Removal(
        "django.utils.http", ("is_safe_url", "urlquote", "urlunquote"), "django", ">=4.0", "urllib.parse", _DJANGO_4
    ),
    Removal("django.utils.timezone", ("utc",), "django", ">=5.0", "datetime.timezone.utc", _DJANGO + "5.0/"),
    Removal(
        "django.core.files.storage", ("get_storage_class",), "django", ">=5.1", "django.core.files.storage.storages",
        _DJANGO + "5.1/",
    ),
    Removal("sqlalchemy.orm", ("DeclarativeBase", "mapped_column", "MappedAsDataclass"), "sqlalchemy", "<2.0",
            "the names of version 1.4", _SQLALCHEMY),
    Removal("sqlalchemy.ext.asyncio", ("async_sessionmaker",), "sqlalchemy", "<2.0", "sessionmaker", _SQLALCHEMY_2),
)  # fmt: skip
"""Names that are gone; those of Flask and Werkzeug are known to the Flask pack."""
