"""Whether reading the rows of the case works."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import exercise

exercise(IndexError, KeyError)
