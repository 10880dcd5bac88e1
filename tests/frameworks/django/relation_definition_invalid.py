"""Whether Django's checks accept the models of the case."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.checks import run_checks
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import SystemCheckError
from django_cases import start

try:
    start()
    errors = [each for each in run_checks() if each.id and each.id.startswith(("fields.E", "models.E"))]
except (SystemCheckError, FieldDoesNotExist, TypeError, ValueError) as error:
    errors = [error]
print(*errors, sep="\n")
sys.exit(1 if errors else 0)
