"""An asynchronous engine or session is used like its synchronous twin, whose methods it has not.

## Why
`AsyncSession` has no `query()`, `AsyncEngine` no `execute()`; `metadata.create_all(engine)` with
an asynchronous engine raises `AttributeError: ... has no attribute '_run_ddl_visitor'`, and
`inspect(engine)` raises `NoInspectionAvailable`. A plain `with` on an asynchronous session or
connection raises `TypeError`, and a session of one kind cannot use an engine of the other.

## Instead
Build statements with `select()` and execute them: `await session.execute(select(User))`. What
is only there synchronously runs inside: `await connection.run_sync(Base.metadata.create_all)`.

## Known limits
Only objects that are known to be asynchronous, by an annotation or by what makes them, are
looked at; `sessionmaker(class_=AsyncSession)` counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Finding, Location, rule

from ._async_misuse import Clash, clashes, questions
from ._statements import Place


@rule(of=questions, severity="error", constraint="async")
def sync_api_on_async_object(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a misuse."""
    if is_aside(place.path):
        return
    for each in clashes(project, place):
        message, cure = _words(each)
        yield Finding(
            Location(place.path, each.at), message, symbol=f"{place.qualname}:{each.kind}:{each.text}", cure=cure
        )


def _words(each: Clash) -> tuple[str, str]:
    if each.kind == "method":
        cure = "Execute a `select()` statement." if each.text == "query" else ""
        return f"An {each.what} has no method `{each.text}()`.", cure
    if each.kind == "metadata":
        cure = f"Write `await connection.run_sync(metadata.{each.text})` in `async with engine.begin()`."
        return f"`{each.text}()` is given an {each.what}, which it cannot use.", cure
    if each.kind == "inspect":
        return f"`inspect()` is given an {each.what}, which it cannot look into.", (
            "Call it inside: `await connection.run_sync(lambda inner: inspect(inner).get_table_names())`."
        )
    if each.kind == "maker":
        other = "AsyncSession" if each.text == "Session" else "async_sessionmaker"
        return f"`{each.text}` makes synchronous sessions and is given an {each.what}.", f"Use `{other}`."
    if each.kind == "async maker":
        return f"`{each.text}` makes asynchronous sessions and is given a {each.what}.", "Use `create_async_engine()`."
    return f"`{each.text}()` gives an {each.what} and is entered by a plain `with`.", "Write `async with`."
