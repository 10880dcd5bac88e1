"""Whether some URL of the case leads to a view that fails on what the URL gives it, whatever method is asked for.

The extensions of REST framework are not at hand: what stands in for their router nests one viewset in another.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_project import start

start()
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.http import Http404
from django.urls import URLPattern, get_resolver
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIRequestFactory

WRONG = (AssertionError, AttributeError, KeyError, TypeError)


class ExtendedDefaultRouter(DefaultRouter):
    """A router whose entries take others."""

    def register(self, prefix: str, viewset: Any, basename: str) -> Any:
        """Add a viewset, and give what adds others inside of it."""
        super().register(prefix, viewset, basename)
        return SimpleNamespace(register=partial(self._inside, prefix))

    def _inside(self, outer: str, prefix: str, viewset: Any, basename: str, parents_query_lookups: list[str]) -> None:
        super().register(f"{outer}/(?P<by_{parents_query_lookups[0]}>[^/.]+)/{prefix}", viewset, basename)


for name in ("rest_framework_extensions", "rest_framework_extensions.routers"):
    sys.modules[name] = ModuleType(name)
sys.modules[name].ExtendedDefaultRouter = ExtendedDefaultRouter  # type: ignore[attr-defined]


def given(listed: Any, above: dict[str, Any]) -> Iterator[tuple[URLPattern, tuple[str, ...], dict[str, Any]]]:
    """All patterns, with what their URLs give a view by position and by name."""
    for each in listed:
        named = above | dict.fromkeys(each.pattern.regex.groupindex, "1")
        if isinstance(each, URLPattern):
            places = () if named else ("1",) * each.pattern.regex.groups
            yield each, places, named | each.default_args
        else:
            yield from given(each.url_patterns, named | each.default_kwargs)


def fails(view: Any, verb: str, places: tuple[str, ...], named: dict[str, Any]) -> bool:
    """Whether a request that reaches a view ends in one of these errors."""
    request = getattr(APIRequestFactory(), verb)("/")
    request.user, request.resolver_match = SimpleNamespace(is_active=True), SimpleNamespace(namespace="")
    try:
        view(request, *places, **named)
    except (Http404, ImproperlyConfigured):
        # It was called, and lacks a row or a template that the case does without.
        return False
    except WRONG as error:
        print(repr(error))
        return True
    return False


def verbs(view: Any) -> list[str]:
    """The methods that a view has functions for."""
    if getattr(view, "actions", None):
        return list(view.actions)
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [verb for verb in ("get", "put", "delete") if cls is None or hasattr(cls, verb)]


call_command("migrate", run_syncdb=True, verbosity=0)
try:
    patterns = list(given(get_resolver().url_patterns, {}))
except TypeError as error:
    print(error)
    sys.exit(1 if "as_view()" in str(error) else 2)
lost = [each for each, *values in patterns if all(fails(each.callback, verb, *values) for verb in verbs(each.callback))]
print(*lost)
sys.exit(1 if lost else 0)
