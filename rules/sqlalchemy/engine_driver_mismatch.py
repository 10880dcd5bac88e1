"""An asynchronous engine is given the URL of a synchronous driver, or the other way round.

## Why
`create_async_engine("postgresql://...")` loads psycopg2 and raises `InvalidRequestError: The
asyncio extension requires an async driver`. `create_engine("sqlite+aiosqlite://...")` starts, and
every use of the engine raises `MissingGreenlet`.

## Instead
Name a driver of the right kind in the URL: `postgresql+asyncpg://`, `sqlite+aiosqlite://` or
`mysql+aiomysql://` for an asynchronous engine; `postgresql+psycopg://` serves both.

## Known limits
The URL has to be written down: as a constant, as the default of a setting, in a `.env` or compose
file, or in `alembic.ini`. What settings and their files disagree about is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, rule

from ._drivers import FITTING, Mismatch, makers, mismatches
from ._statements import Place


@rule(of=makers, severity="error", constraint="startup")
def engine_driver_mismatch(project: Project, place: Place) -> Iterator[Finding]:
    """One finding an engine."""
    if is_aside(place.path):
        return
    for each in mismatches(project, place):
        if is_aside(each.url.at.path):
            continue
        apart = each.url.at.path != each.made.path or each.url.at.at[0] != each.made.at[0]
        yield Finding(
            each.url.at,
            _message(each),
            related=(Evidence(each.made, f"`{each.maker}` takes it here"),) if apart else (),
            symbol=f"{each.scope}:{each.maker}:{each.driver}",
            cure=_cure(each),
        )


def _message(each: Mismatch) -> str:
    user = "Flask-SQLAlchemy" if each.maker.isupper() else f"`{each.maker}()`"
    if each.is_async:
        written = (
            f"The URL names `{each.driver}`"
            if each.url.driver
            else f"The URL names no driver and means `{each.driver}`"
        )
        return f"{written}, a synchronous driver, which {user} refuses."
    return f"The URL names `{each.driver}`, an asynchronous driver, which the engine of {user} cannot use."


def _cure(each: Mismatch) -> str:
    if not each.is_async:
        return f"Leave `+{each.driver}` out, or use `create_async_engine()`."
    fitting = FITTING.get(each.url.dialect, "")
    return f"Write `{each.url.dialect}+{fitting}://`." if fitting else ""
