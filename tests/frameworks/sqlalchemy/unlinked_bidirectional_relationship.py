"""Whether SQLAlchemy warns of relationships that write one column independently."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy.exc import SAWarning
from support import exercise

warnings.simplefilter("error", SAWarning)
exercise(SAWarning, says="will copy column")
