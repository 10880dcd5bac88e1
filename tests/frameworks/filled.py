"""What the scripts about schemas and FastAPI share: tables with rows, requests, and a verdict per case."""

from __future__ import annotations

import asyncio
import importlib
import sys
import traceback
from collections.abc import Callable
from typing import Any


def case(name: str) -> Any:
    """A module of the case."""
    return importlib.import_module(name)


def status(path: str, raises: bool = False) -> int:
    """The status that the application of the case answers a `GET` with."""
    from fastapi.testclient import TestClient

    return TestClient(case("main").app, raise_server_exceptions=raises).get(path).status_code


def fill(base: Any, engine: Any, *rows: Any) -> None:
    """Create the tables and add rows."""
    from sqlalchemy.orm import Session

    base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(rows)
        session.commit()


def session(base: Any, *rows: Any) -> Any:
    """A session on a database in memory with the tables and rows."""
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool)
    fill(base, engine, *rows)
    return Session(engine)


def decide(cases: dict[str, Callable[[], Any]], *failures: type[BaseException]) -> None:
    """Exit with 0 when the function of this case gives something true, with 1 for false or one of the failures."""
    try:
        result = cases[sys.argv[1]]()
        if asyncio.iscoroutine(result):
            result = asyncio.run(result)
    except failures:
        traceback.print_exc()
        sys.exit(1)
    sys.exit(0 if result else 1)
