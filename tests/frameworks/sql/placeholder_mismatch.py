"""Whether the driver takes the statements of the case with their values.

PostgreSQL is not at hand: what stands in for asyncpg counts `$n` and values as its server does.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import StatementError
from support import exercise


class InterfaceError(Exception):
    """The error of asyncpg for a wrong number of arguments."""


class Pool:
    """A pool that is its own connection."""

    def acquire(self) -> Pool:
        """The connection."""
        return self

    async def __aenter__(self) -> Pool:
        """Enter."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Leave."""

    async def execute(self, statement: str, *values: Any, timeout: float | None = None) -> None:
        """Refuse what the server refuses."""
        wanted = max(map(int, re.findall(r"\$(\d+)", statement)), default=0)
        if wanted != len(values):
            raise InterfaceError(f"the server expects {wanted} arguments for this query, {len(values)} were passed")

    fetch = fetchrow = fetchval = execute


asyncpg = ModuleType("asyncpg")
asyncpg.Pool = Pool  # type: ignore[attr-defined]
asyncpg.create_pool = lambda *_, **__: Pool()  # type: ignore[attr-defined]
sys.modules.setdefault("asyncpg", asyncpg)
exercise(sqlite3.OperationalError, sqlite3.ProgrammingError, StatementError, InterfaceError)
