"""Whether the engines of the case can use their drivers."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from support import exercise

exercise(MissingGreenlet, InvalidRequestError, StatementError)
