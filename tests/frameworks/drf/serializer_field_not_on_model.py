"""Whether every serializer of the case can serialize a row of its model, or of a child of the model."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError
from django_cases import fill, modules, start

start()
fill(1)
from rest_framework.serializers import ModelSerializer

failed = False
for module in list(modules()):
    for each in vars(module).values():
        meta = getattr(each, "Meta", None)
        if isinstance(each, type) and issubclass(each, ModelSerializer) and hasattr(meta, "model"):
            kinds = [each.Meta.model, *each.Meta.model.__subclasses__()]
            rows = [getattr(kind.objects, "counted", kind.objects.all)().first() for kind in kinds]
            errors = []
            for row in rows:
                try:
                    each(row).data  # noqa: B018
                    own = each._declared_fields.items()
                    written = {field.source or name: None for name, field in own if field.write_only}
                    if written:
                        each().create(written)
                except IntegrityError:
                    pass  # Other columns want a value.
                except (ImproperlyConfigured, AttributeError, AssertionError, TypeError) as error:
                    errors.append(error)
            if len(errors) == len(rows):
                print(*errors)
                failed = True
sys.exit(1 if failed else 0)
