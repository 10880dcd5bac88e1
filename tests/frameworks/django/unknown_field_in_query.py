"""Whether the names in the queries of the case are known to its models."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import FieldDoesNotExist, FieldError
from django_cases import exits, start

start()
exits(FieldError, FieldDoesNotExist, TypeError, ValueError)
