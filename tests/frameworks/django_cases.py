"""What the scripts about Django share: a project of the apps in the current directory, filled and exercised."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

OUTSIDE = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "django.contrib.messages",
           "django.contrib.sessions", "rest_framework"]  # fmt: skip


def own() -> list[str]:
    """The packages of the case that have models, or any module where none has."""
    found = sorted(path.parent.name for path in Path().glob("*/models.py"))
    return found or sorted(path.parent.name for path in Path().glob("*/__init__.py"))


def start() -> None:
    """Configure Django for the case and make its tables."""
    sys.path.insert(0, ".")
    said = importlib.import_module("settings") if Path("settings.py").exists() else None
    settings.configure(
        AUTH_USER_MODEL=getattr(said, "AUTH_USER_MODEL", "auth.User"),
        INSTALLED_APPS=[*OUTSIDE, *own()],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        # Tables that are made as the models are now take half the time of migrations.
        MIGRATION_MODULES=dict.fromkeys([*own(), *(name.rpartition(".")[2] for name in OUTSIDE)]),
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        SECRET_KEY="x",
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def modules() -> Iterator[ModuleType]:
    """The modules of the case, models first."""
    for name in own():
        for path in sorted(Path(name).glob("*.py"), key=lambda each: (each.stem != "models", each.stem)):
            if path.stem != "__init__":
                yield importlib.import_module(f"{name}.{path.stem}")


def functions() -> Iterator[Callable[[], Any]]:
    """The functions of the case that need no arguments."""
    for module in modules():
        for each in list(vars(module).values()):
            if inspect.isfunction(each) and each.__module__ == module.__name__:
                given = inspect.signature(each).parameters.values()
                if all(param.default is not param.empty for param in given):
                    yield each


def serves(view: Any, action: str) -> bool:
    """Whether the URL patterns of the case lead to an action of a viewset, or leave that open."""
    patterns = [each for module in modules() for each in getattr(module, "urlpatterns", ())]
    given = [each.callback.actions for each in patterns if getattr(each.callback, "cls", None) is view]
    return not given or any(action in each.values() for each in given)


def run(function: Callable[[], Any]) -> None:
    """Call a function and use up the rows that it returns."""
    result = function()
    if isinstance(result, models.QuerySet):
        list(result)


def exits(*errors: type[BaseException]) -> None:
    """Call every function of the case; exit with 1 if one of them raises one of the errors, else with 0."""
    failed = False
    try:
        for each in functions():
            try:
                run(each)
            except errors as error:
                print(each.__name__, error)
                failed = True
    except errors as error:
        print(error)
        failed = True
    sys.exit(1 if failed else 0)


def fill(count: int) -> None:
    """Add rows to every model of the case, each referring to a row of its own."""
    from django.contrib.auth import get_user_model

    if not (get_user_model()._meta.app_label in own() or get_user_model()._default_manager.exists()):
        get_user_model()._default_manager.create(username="x")
    todo = [model for name in own() for model in apps.get_app_config(name).get_models() if not model._meta.proxy]
    while todo:
        model = next(each for each in todo if not any(_needs(each, other) for other in todo if other is not each))
        todo.remove(model)
        for _ in range(count):
            row = model(**{field.name: _value(field) for field in model._meta.concrete_fields if not field.primary_key})
            row.save()
            for field in model._meta.many_to_many:
                getattr(row, field.name).set(field.related_model._default_manager.all()[:2])


def _needs(model: Any, other: Any) -> bool:
    return any(field.related_model is other for field in (*model._meta.concrete_fields, *model._meta.many_to_many))


def _value(field: Any) -> Any:
    if field.is_relation:
        taken = field.model._default_manager.values(field.attname) if field.unique else ()
        return field.related_model._default_manager.exclude(pk__in=taken).last()
    if field.has_default():
        return field.get_default()
    if isinstance(field, models.DateField):
        return timezone.now()
    return 1 if isinstance(field, models.IntegerField) else True if isinstance(field, models.BooleanField) else "x"


def queries(function: Callable[[], Any]) -> int:
    """How many queries a call runs."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        run(function)
    return len(captured)
