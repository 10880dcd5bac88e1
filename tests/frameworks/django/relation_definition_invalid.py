"""Whether Django's checks accept the models of the case."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.checks import run_checks
from django.core.exceptions import FieldDoesNotExist
from django.core.management.base import SystemCheckError
from django.db import models
from django_cases import start


def older(field: type[models.ForeignKey]) -> None:
    """Before Django 2 relations had an `on_delete` of their own."""
    make = field.__init__

    def made(self: models.ForeignKey, to: object, on_delete: object = models.CASCADE, **kwargs: object) -> None:
        make(self, to, on_delete, **kwargs)

    field.__init__ = made


requirements = Path("requirements.txt")
if requirements.exists() and "Django<2" in requirements.read_text():
    older(models.ForeignKey)
    older(models.OneToOneField)
try:
    start()
    errors = [each for each in run_checks() if each.id and each.id.startswith(("fields.E", "models.E"))]
except (SystemCheckError, FieldDoesNotExist, TypeError, ValueError) as error:
    errors = [error]
print(*errors, sep="\n")
sys.exit(1 if errors else 0)
