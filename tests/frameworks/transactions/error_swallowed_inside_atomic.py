"""Exits with 1 when an order stays although the work around it failed."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_shop import start

start()

import models
import services

placing = services.Service().place if hasattr(services, "Service") else services.place
functions = [placing, *([services.placed] if hasattr(services, "placed") else [])]
with mock.patch.object(models.Line, "save", side_effect=RuntimeError("no line")):
    for number, place in enumerate(functions):
        with contextlib.suppress(RuntimeError, ValueError):
            place(str(number), 1) if "helper" in sys.argv[1] else place(str(number))
sys.exit(1 if models.Order.objects.count() else 0)
