"""Calls every `async def` of the case's `orders.views` and exits with 1 if Django refuses one of its queries."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import sys

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection

sys.path.insert(0, os.getcwd())
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "orders"],
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:orders?mode=memory&cache=shared"},
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    ROOT_URLCONF="orders.views",
)
django.setup()
with connection.schema_editor() as editor:
    for model in apps.get_app_config("orders").get_models():
        editor.create_model(model)
views = importlib.import_module("orders.views")
fill = getattr(importlib.import_module("orders.models"), "fill", None)
if fill is not None:
    fill()
for view in vars(views).values():
    if inspect.isfunction(view) and inspect.iscoroutinefunction(view) and view.__module__ == views.__name__:
        try:
            asyncio.run(view(None))
        except SynchronousOnlyOperation as error:
            print(error)
            sys.exit(1)
sys.exit(0)
