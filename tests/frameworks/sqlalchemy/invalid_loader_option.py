"""Whether the options of the case fit its statements."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm.exc import LoaderStrategyException
from support import exercise

exercise(ArgumentError, LoaderStrategyException)
