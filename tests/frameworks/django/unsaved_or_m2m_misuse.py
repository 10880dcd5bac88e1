"""Whether the relations of the case take what they are given."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import exits, start

start()
exits(TypeError, ValueError)
