"""Whether every serializer of the case can serialize a row of its model."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import ImproperlyConfigured
from django_cases import fill, modules, start

start()
fill(1)
from rest_framework.serializers import ModelSerializer

failed = False
for module in list(modules()):
    for each in vars(module).values():
        meta = getattr(each, "Meta", None)
        if isinstance(each, type) and issubclass(each, ModelSerializer) and hasattr(meta, "model"):
            row = each.Meta.model.objects.first()
            row = getattr(each.Meta.model.objects, "counted", each.Meta.model.objects.all)().first() or row
            try:
                each(row).data  # noqa: B018
            except (ImproperlyConfigured, AttributeError, AssertionError) as error:
                print(error)
                failed = True
sys.exit(1 if failed else 0)
