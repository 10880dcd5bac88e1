"""Whether the functions of the case may use their serializers in this order."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import exits, fill, start

start()
fill(2)
exits(AssertionError, AttributeError)
