"""Whether the calls of the case are still there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import ArgumentError
from support import exercise

exercise(ArgumentError, AttributeError, TypeError)
