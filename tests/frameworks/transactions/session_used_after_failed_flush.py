"""Exits with 1 when the session of the case refuses to go on after the failed flush."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy.exc import PendingRollbackError

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import exercise

exercise(PendingRollbackError)
