"""Exits with 1 when SQLAlchemy refuses the instance of the case."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import InvalidRequestError
from support import exercise

exercise(InvalidRequestError)
