"""Whether the types of the case have the operators that it uses."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import exercise

exercise(AttributeError, NotImplementedError)
