"""A feature is used whose package the framework does not bring along, and nothing installs it.

## Why
`EmailStr` needs `email-validator`, form fields and `OAuth2PasswordRequestForm` need `python-multipart`,
an asynchronous engine needs `greenlet` and the driver of its URL, `Jinja2Templates` needs `jinja2`. Nothing
imports those by name, so that no linter of imports misses them: the program fails with an `ImportError` or
a `RuntimeError` when the model, the route or the engine is made.

## Instead
Declare the extra or the package: `pydantic[email]`, `python-multipart`, `sqlalchemy[asyncio]`, `asyncpg`.

## Known limits
Reported only when everything that is declared is known with all that it brings along, or a lock file lists
it. Drivers of URLs that the environment may replace by another database are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._lacking import Lacking, lacking, place


@rule(of=lacking, severity="error", constraint="startup")
def missing_runtime_extra(project: Project, each: Lacking) -> Iterator[Finding]:
    """One finding for each package."""
    name = each.feature.needs[0]
    message = f"`{each.feature.what}` needs `{name}`, and `{each.manifest}` does not install it."
    related = (Evidence(place(each), "what is installed"),)
    cure = f"Add `{each.written}` to `{each.manifest}`."
    yield Finding(each.feature.at, message, related, symbol=name, cure=cure)
