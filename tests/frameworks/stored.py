"""What the scripts about instances share: a database with rows, a session on it, and how a case is judged."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

sys.path.insert(0, ".")


class Lazily:
    """The modules of the case as attributes, imported when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        return importlib.import_module(name)


def judge(table: Mapping[str, Callable[..., Any]], *failures: type[BaseException], says: str = "") -> None:
    """Do what the table says for the case. Exits with 1 for one of the failures, or a result of False; 2 for others."""
    try:
        result = _done(table[sys.argv[1]])
    except Exception as error:
        traceback.print_exc()
        sys.exit(1 if isinstance(error, failures) and says in _all_said(error) else 2)
    sys.exit(1 if result is False else 0)


def _all_said(error: BaseException | None) -> str:
    said = ""
    while error is not None:
        said, error = f"{said} {type(error).__name__} {error}", error.__cause__ or error.__context__
    return said


def _done(action: Callable[..., Any]) -> Any:
    case = Lazily()
    asks = "asynchronously" in inspect.signature(action).parameters
    return asyncio.run(_later(case, action)) if asks else _now(case, action)


def _metadata(case: Any) -> Any:
    return getattr(case.models, "Base", getattr(case.models, "SQLModel", None)).metadata


def _rows(case: Any) -> list[Any]:
    if not hasattr(case.models, "User"):
        return []
    post = case.models.Post
    given = {"title": "One"} if hasattr(post, "title") else {}
    named = hasattr(case.models.User, "name")
    return [
        case.models.User(posts=[post(**given), post(**given)], **({"name": name} if named else {})) for name in "ab"
    ]


def _now(case: Any, action: Callable[..., Any]) -> Any:
    engine = case.db.engine if Path("db.py").exists() else create_engine("sqlite://")
    _metadata(case).create_all(engine)
    with Session(engine) as session:
        session.add_all(_rows(case))
        session.commit()
    maker = case.db.SessionLocal if hasattr(case.db if Path("db.py").exists() else None, "SessionLocal") else None
    with maker() if maker is not None else _session(engine) as session:
        return action(case, session)


def _session(engine: Any) -> Session:
    from sqlmodel import Session as Other

    return Other(engine)


async def _later(case: Any, action: Callable[..., Any]) -> Any:
    held = Path("db.py").exists()
    engine = case.db.engine if held else create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(_metadata(case).create_all)
    async with AsyncSession(engine) as session:
        session.add_all(_rows(case))
        await session.commit()
    try:
        async with case.db.SessionLocal() if held else AsyncSession(engine, expire_on_commit=False) as session:
            return await action(case, session, asynchronously=True)
    finally:
        await engine.dispose()


async def answer(app: Any, url: str, method: str = "GET") -> Any:
    """What an application answers; an error inside it is raised."""
    import httpx

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://case") as client:
        response = await client.request(method, url)
        return response.raise_for_status().json()
