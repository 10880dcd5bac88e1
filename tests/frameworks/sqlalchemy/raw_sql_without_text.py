"""Whether the database takes what the case gives it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import ArgumentError, ObjectNotExecutableError
from support import exercise

exercise(ArgumentError, ObjectNotExecutableError)
