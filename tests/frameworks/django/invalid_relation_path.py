"""Whether the relations that the case names can be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import FieldError
from django_cases import exits, fill, start

start()
fill(2)
exits(FieldError, AttributeError, ValueError)
