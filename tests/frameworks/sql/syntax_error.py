"""Whether the database understands the statements of the case.

PostgreSQL is not at hand: what stands in for psycopg2 puts the values in as that does, writes `x::type` as the
standard does and `=` for each operator that PostgreSQL lets extensions define, and leaves the rest to SQLite.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import IntegrityError, OperationalError
from support import exercise

CAST = re.compile(r"('[^']*'|\w+)::(\w+)")
OPERATOR = re.compile(r"('[^']*')|[-+*/<>=~!@#%^&|`?]+")
SHARED = frozenset({"+", "-", "*", "/", "<", ">", "=", "<=", ">=", "<>", "!=", "||", "%"})


class Connection:
    """A connection of psycopg2 that is its own cursor."""

    def __init__(self, name: str) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute("CREATE TABLE colours (name TEXT, colour)")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def cursor(self) -> Connection:
        """The connection."""
        return self

    def execute(self, statement: str, values: tuple[str, ...]) -> None:
        """Run a statement in the words of SQLite."""
        plain = CAST.sub(r"CAST(\1 AS \2)", statement % tuple(f"'{each}'" for each in values))
        self._database.execute(OPERATOR.sub(lambda found: found[0] if found[1] or found[0] in SHARED else "=", plain))


psycopg2 = ModuleType("psycopg2")
psycopg2.connect = Connection  # type: ignore[attr-defined]
sys.modules.setdefault("psycopg2", psycopg2)
exercise(sqlite3.OperationalError, sqlite3.IntegrityError, IntegrityError, OperationalError)
