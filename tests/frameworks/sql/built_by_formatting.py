"""Whether the database takes the statements of the case with a quote in a value."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import OperationalError
from support import exercise

exercise(sqlite3.OperationalError, OperationalError, says="syntax error")
