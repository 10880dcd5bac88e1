"""Exits with 1 when the database refuses a row for an empty column."""

from __future__ import annotations

from filled import case, decide, session
from sqlalchemy.exc import IntegrityError


def _post():
    return case("schemas").PostCreate(title="a")


def _author():
    return case("models").User(email="a", hashed_password="b")


async def _note():
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.pool import StaticPool

    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    async with engine.begin() as connection:
        await connection.run_sync(case("models").Base.metadata.create_all)
    async with AsyncSession(engine) as opened:
        await case("service").note(opened, "a")
    return True


def _flushed(action):
    opened, author = session(case("models").Base), _author() if hasattr(case("models"), "User") else None
    if author is not None:
        opened.add(author)
        opened.flush()
    action(opened, author)
    opened.flush()
    return True


def _sqlmodel():
    from sqlmodel import SQLModel

    models = case("models")
    return case("service").create(session(SQLModel), models.UserCreate(email="a", password="b"))


decide(
    {
        "bad": lambda: case("service").write(session(case("models").Base), _post()),
        "bad-later": lambda: case("service").Registration(session(case("models").Base)).start("a"),
        "bad-mixin": _note,
        "bad-sqlmodel": _sqlmodel,
        "bad-saved": lambda: case("service").Lending(session(case("models").Base)).lend("a"),
        "good-saved": lambda: case("service").Lending(session(case("models").Base)).lend("a"),
        "good": lambda: _flushed(lambda opened, author: case("service").write(opened, _post(), author)),
        "good-passed-on": lambda: _flushed(lambda opened, author: case("service").write(opened, _post(), author)),
        "good-method": lambda: _flushed(lambda opened, author: case("service").start(opened, "a")),
        "good-setter": lambda: _flushed(
            lambda opened, author: case("service").register(
                opened, case("schemas").AccountCreate(email="a", secret="b")
            )
        ),
        "good-event": lambda: _flushed(lambda opened, author: case("models").add(opened, "a")),
    },
    IntegrityError,
)
