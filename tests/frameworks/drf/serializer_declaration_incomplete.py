"""Whether a serializer of the case fails when it is used, or has a validator that nothing runs.

Packages that are not at hand are stood in for, and for a case that asks for it REST framework before 3.5, which
took a missing list of fields for all of them. Serializers on which others are built are used through those.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.conf import settings
from django.urls import path
from django_cases import fill, modules, start

start()
from django.contrib.auth.models import Group
from rest_framework import serializers
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

REQUEST = APIRequestFactory().get("/?short=1")


class Anything(list[int]):
    """An object for serializers without a model: it has every attribute."""

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return "1"


def translate(model: Any, options: Any = None) -> Any:
    """Give a model an attribute for every language, or a decorator that does."""
    if options is None:
        return lambda options: translate(model, options)
    for name in options.fields:
        for language in ("de", "fr"):
            setattr(model, f"{name}_{language}", property(lambda row, name=name: getattr(row, name)))
    return options


def older(self: Any, *given: Any) -> Any:
    """The names of the fields, as they were found before 3.5."""
    if not hasattr(self.Meta, "fields") and not hasattr(self.Meta, "exclude"):
        self.Meta.fields = "__all__"
    return field_names(self, *given)


def stand_in() -> None:
    """What the cases need and is not at hand."""
    given: dict[str, dict[str, Any]] = {
        "urls": {"urlpatterns": [path("authors/<pk>", lambda request, pk: None, name="author")]},
        "drf_spectacular": {},
        "drf_spectacular.utils": {"extend_schema": lambda **_: lambda function: function},
        "modeltranslation": {},
        "modeltranslation.translator": {
            "TranslationOptions": object,
            "register": translate,
            "translator": SimpleNamespace(register=translate),
        },
    }
    for name, values in given.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(values)
    settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = "urls", ["*"]
    if Path("shop/settings.py").exists():
        for name, value in vars(importlib.import_module("shop.settings")).items():
            if name.isupper():
                setattr(settings, name, value)
    wanted = Path("requirements.txt").read_text() if Path("requirements.txt").exists() else ""
    if "djangorestframework==3.4" in wanted:
        serializers.ModelSerializer.get_field_names = older


def uses() -> Iterator[Callable[[], object]]:
    """A call of each view that needs no arguments, or else of each serializer."""
    found = [*modules(), *(importlib.import_module(each.stem) for each in Path().glob("*.py"))]
    own = {each for module in found for each in vars(module).values() if getattr(each, "__module__", "") in OWN}
    kinds = [each for each in own if inspect.isclass(each) and issubclass(each, serializers.BaseSerializer)]
    views = [each for each in own if inspect.isclass(each) and issubclass(each, APIView) and "get" in vars(each)]
    for each in views:
        yield lambda view=each: view().get(REQUEST, pk=1)
    for kind in kinds if not views else ():
        if not any(other is not kind and issubclass(other, kind) for other in kinds):
            yield lambda kind=kind: use(kind)


def use(kind: Any) -> None:
    """Show a row with a serializer, and give it data."""
    given = (Group,) if "model" in inspect.signature(kind.__init__).parameters else ()
    model = Group if given else getattr(getattr(kind, "Meta", None), "model", None)
    row = model._default_manager.first() if model is not None else Anything([1])
    print(kind(*given, row, context={"request": REQUEST}).data)
    shape = kind(*given, data=dict.fromkeys(kind(*given).fields, "x"))
    shape.is_valid()
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        field = name.removeprefix("validate_")
        if field != name and field not in shape.fields and not hasattr(serializers.Serializer, name):
            others = [each for each in vars(kind).values() if inspect.isfunction(each)]
            assert any(name in each.__code__.co_names for each in others), f"nothing runs {method}"


field_names = serializers.ModelSerializer.get_field_names
OWN = [".".join(each.with_suffix("").parts) for each in Path().rglob("*.py")]
stand_in()
fill(1)
Group.objects.create(name="x")
try:
    for each in uses():
        each()
except (AssertionError, AttributeError) as error:
    print(error)
    sys.exit(1)
