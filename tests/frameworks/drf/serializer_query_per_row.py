"""Whether the number of queries of some list of the case grows with the number of rows."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_cases import fill, modules, queries, serves, start

start()
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

request = APIRequestFactory().get("/")


def lists() -> list[object]:
    """The list views of the case as functions."""
    found = [each for module in modules() for each in vars(module).values() if isinstance(each, type)]
    own = [each for each in found if issubclass(each, APIView) and not each.__module__.startswith("rest_framework")]
    made = []
    for view in own:
        if issubclass(view, ViewSetMixin):
            made += [view.as_view({"get": "list"})] if serves(view, "list") else []
            extra = [each for each in view.get_extra_actions() if not each.detail]
            made += [view.as_view({"get": each.__name__}, **each.kwargs) for each in extra]
        elif hasattr(view, "list"):
            made.append(view.as_view())
    return [lambda call=call: call(request).render() for call in made]


calls = lists()
fill(12)
before = [queries(each) for each in calls]
fill(12)
sys.exit(1 if any(queries(each) > count for each, count in zip(calls, before, strict=True)) else 0)
