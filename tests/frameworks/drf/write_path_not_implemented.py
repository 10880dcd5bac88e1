"""Whether some view of the case fails on a request that its serializer has accepted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import fill, modules, serves, start

start()
from rest_framework import serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

VERBS = {"post": "create", "put": "update"}


def values(serializer: Any) -> dict[str, Any]:
    """A value for every field of a serializer that can be written."""
    return {field.field_name: value(field) for field in serializer._writable_fields}


def value(field: Any) -> Any:
    """A value for a field."""
    if isinstance(field, serializers.ListSerializer):
        return [values(field.child)]
    return values(field) if isinstance(field, serializers.Serializer) else "1"


def requests() -> list[tuple[str, Any, dict[str, str]]]:
    """The verbs that the views of the case take, with the view and what the path gives it."""
    made = []
    for each in [each for module in modules() for each in vars(module).values()]:
        view = getattr(each, "cls", each)
        if not isinstance(view, type) or not issubclass(view, APIView) or view.__module__.startswith("rest_framework."):
            continue
        for verb, action in VERBS.items():
            given = {"pk": "1"} if verb == "put" else {}
            if issubclass(view, ViewSetMixin) and hasattr(view, action) and serves(view, action):
                made.append((verb, view.as_view({verb: action}), given))
            elif not issubclass(view, ViewSetMixin) and hasattr(view, verb):
                made.append((verb, view.as_view(), given))
    return made


fill(1)
data: dict[str, Any] = {}
for module in modules():
    for cls in list(vars(module).values()):
        if isinstance(cls, type) and issubclass(cls, serializers.Serializer) and cls.__module__ == module.__name__:
            data |= values(cls())
failed = False
for verb, call, given in requests():
    try:
        call(getattr(APIRequestFactory(), verb)("/", data, format="json"), **given).render()
    except (AssertionError, NotImplementedError) as error:
        print(error)
        failed = True
sys.exit(1 if failed else 0)
