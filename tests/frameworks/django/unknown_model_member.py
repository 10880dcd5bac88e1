"""Whether the functions of the case, and the methods of its models, find what they read and call on rows."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django.apps import apps
from django.db import models
from django_cases import fill, modules, own, start
from support import refused

GIVEN: dict[str, Any] = {"pk": 1, "options": ("x",), "request": None, "draft": None, "function": str}
PLAIN = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
NAMED = {"first": "Order", "order": "Order", "instance": "Order"}


class TreeQuerySet(models.QuerySet):
    """The rows of django-mptt, which is not at hand."""


for name, value in (
    ("managers", {"TreeManager": models.Manager.from_queryset(TreeQuerySet, "TreeManager")}),
    ("querysets", {"TreeQuerySet": TreeQuerySet}),
):
    sys.modules[f"mptt.{name}"] = ModuleType(f"mptt.{name}")
    vars(sys.modules[f"mptt.{name}"]).update(value)
sys.modules["mptt"] = ModuleType("mptt")


def row(model: Any) -> Any:
    """A row of a model, of its last child where it has children."""
    return [model, *model.__subclasses__()][-1]._base_manager.first()


def argument(param: inspect.Parameter, rows: dict[str, Any]) -> Any:
    """A value for a parameter: a row where its annotation or its name says so."""
    model = rows.get(getattr(param.annotation, "__name__", ""), rows.get(NAMED.get(param.name, param.name.title())))
    return row(model) if model is not None else GIVEN.get(param.name, "x")


def calls() -> Iterator[Callable[[], Any]]:
    """The functions of the case with values for their parameters, and what its models add to `Model`."""
    kinds = [model for name in own() for model in apps.get_app_config(name).get_models()]
    rows = {kind.__name__: kind for kind in kinds}
    for module in modules():
        for each in list(vars(module).values()):
            if inspect.isfunction(each) and each.__module__ == module.__name__:
                wanted = [param for param in inspect.signature(each).parameters.values() if param.kind in PLAIN]
                yield partial(each, *(argument(param, rows) for param in wanted))
    for kind in kinds:
        for base in kind.__mro__:
            if base.__module__.partition(".")[0] in own():
                written = [name for name, each in vars(base).items() if _is_written(each, base)]
                yield from (partial(getattr(row(kind), name)) for name in written)


def _is_written(each: Any, base: type) -> bool:
    return inspect.isfunction(each) and each.__qualname__ == f"{base.__qualname__}.{each.__name__}"


start()
fill(2)
sys.exit(refused(list(calls()), AttributeError, TypeError))
