"""Whether the database understands the statements of the case."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import IntegrityError, OperationalError
from support import exercise

exercise(sqlite3.OperationalError, sqlite3.IntegrityError, IntegrityError, OperationalError)
