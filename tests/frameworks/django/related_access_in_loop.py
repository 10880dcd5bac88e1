"""Whether the number of queries of some function of the case grows with the number of rows."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections.abc import Callable
from typing import Any

from django.test import RequestFactory
from django.views.generic import View
from django_cases import fill, functions, modules, queries, start


def views() -> list[Callable[[], Any]]:
    """The class-based views of the case, as functions."""
    request = RequestFactory().get("/")
    found = [each for module in modules() for each in vars(module).values() if isinstance(each, type)]
    own = [each for each in found if issubclass(each, View) and not each.__module__.startswith("django")]
    return [lambda view=view: view.as_view()(request).render() for view in own]


start()
fill(12)
calls = [*functions(), *views()]
before = [queries(each) for each in calls]
fill(12)
sys.exit(1 if any(queries(each) > count for each, count in zip(calls, before, strict=True)) else 0)
