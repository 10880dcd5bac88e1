"""Whether the mappers of the case can be configured and rows deleted."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import ArgumentError, IntegrityError
from support import exercise

exercise(ArgumentError, IntegrityError)
