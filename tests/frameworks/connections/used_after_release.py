"""Exits with 1 when the connection of the case is closed, or cannot be started, where it is used."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import ResourceClosedError
from support import exercise

try:
    exercise(ResourceClosedError, ValueError, RuntimeError, sqlite3.ProgrammingError)
except SystemExit as end:
    # The thread of a connection that was started twice would be waited for without end.
    os._exit(int(end.code or 0))
