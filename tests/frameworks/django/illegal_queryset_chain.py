"""Whether the querysets of the case take the methods that are called on them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.db import NotSupportedError
from django_cases import exits, start

start()
exits(TypeError, ValueError, NotSupportedError)
