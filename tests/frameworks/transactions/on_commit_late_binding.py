"""Exits with 1 when the callbacks of the case did not get the values of their own rounds."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import exercise

exercise(check=lambda sent: sent == [1, 2, 3])
