"""Exits with 1 when every function of the case runs more queries the more rows there are, and writes nothing.

What a job or a script asks for every row is accepted: of those it is shown that they write, or run by themselves.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from stored import Lazily

COUNTED: Counter[str] = Counter()
ONCE = ("good-condition", "good-others")
case: Any = Lazily()


@event.listens_for(Engine, "before_cursor_execute")
def _count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    COUNTED[statement.partition(" ")[0]] += 1


def rows(count: int) -> list[Any]:
    """Tags with a post each, or few tags with many posts for a case that asks once for each tag."""
    keys = range(1, 3 if sys.argv[1] in ONCE else count + 1)
    posts = (case.models.Post(tag_id=keys[number % len(keys)]) for number in range(count))
    return [*(case.models.Tag(id=key) for key in keys), *posts]


def filled(count: int) -> Engine:
    """A database with rows."""
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.StaticPool)
    case.models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(rows(count))
        session.commit()
    return engine


def counted(function: Callable[[Session], object], count: int) -> Counter[str]:
    """The statements that a function runs where there are so many rows, by their first word."""
    with Session(filled(count)) as session:
        COUNTED.clear()
        function(session)
        return COUNTED.copy()


def awaited(count: int) -> Counter[str]:
    """The same of the function that wants a repository of asynchronous sessions."""

    async def run() -> Counter[str]:
        engine = create_async_engine("sqlite+aiosqlite://")
        async with engine.begin() as connection:
            await connection.run_sync(case.models.Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(rows(count))
            await session.commit()
            COUNTED.clear()
            await case.service.listed(case.repository.Posts(session))
        await engine.dispose()
        return COUNTED.copy()

    return asyncio.run(run())


def of_tables(count: int) -> Counter[str]:
    """The same of the function that uses tables and the session of Flask-SQLAlchemy."""
    import flask

    app, storage = flask.Flask("case"), case.storage
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    storage.db.init_app(app)
    with app.app_context():
        storage.db.create_all()
        storage.db.session.execute(storage.parcels.insert(), [{"id": key} for key in range(1, count + 1)])
        COUNTED.clear()
        assert len(storage.recent()) == count
        return COUNTED.copy()


def runs_alone() -> bool:
    """Whether the script of the case runs as a program."""
    sys.path.insert(0, "scripts")
    engine = filled(2)
    sqlalchemy.create_engine = lambda *_: engine
    COUNTED.clear()
    runpy.run_path("scripts/report.py", run_name="__main__")
    return COUNTED["SELECT"] == 3


def grows(counting: Callable[[int], Counter[str]]) -> bool:
    """Whether twice the rows need more queries, and the function does not change rows as well."""
    few, many = counting(12), counting(24)
    return many["SELECT"] > few["SELECT"] and many["DELETE"] == few["DELETE"]


def of_service(*names: str) -> list[Callable[[int], Counter[str]]]:
    """Functions of the case that are given a session."""
    return [lambda count, name=name: counted(getattr(case.service, name), count) for name in names]


FUNCTIONS: dict[str, Callable[[], list[Callable[[int], Counter[str]]]]] = {
    "bad": lambda: of_service("shelves", "listed"),
    "bad-repository": lambda: [awaited],
    "bad-table": lambda: [of_tables],
    "good": lambda: of_service("shelves", "posts"),
    "good-condition": lambda: [lambda count: counted(lambda session: case.service.shelves(session, {1}), count)],
    "good-few": lambda: [
        *of_service("newest", "first_with_posts", "fitting"),
        lambda count: counted(lambda session: case.service.named(session, [1, 2]), count),
    ],
    "good-others": lambda: [lambda count: counted(lambda session: case.service.Names(session).listed(), count)],
    "good-writes": lambda: of_service("merge", "clean"),
}
if sys.argv[1] == "good-script":
    sys.exit(0 if runs_alone() else 1)
verdicts = {grows(each) for each in FUNCTIONS[sys.argv[1]]()}
assert len(verdicts) == 1, "only some of the functions"
sys.exit(1 if verdicts.pop() else 0)
