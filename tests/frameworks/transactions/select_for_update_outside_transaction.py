"""Exits with 1 when Django refuses to lock rows, on a database that pretends it can lock them."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from django_shop import start

start(
    ROOT_URLCONF="urls",
    SECRET_KEY="x",
    ALLOWED_HOSTS=["*"],
    REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None},
)

import models
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test import RequestFactory

connection.features.has_select_for_update = True
connection.features.has_select_for_update_nowait = True
connection.ops.for_update_sql = lambda **given: ""
models.Order.objects.create(number="")
request = RequestFactory().post("/take/")
request._dont_enforce_csrf_checks = True
if "atomic-requests" in sys.argv[1]:
    connection.settings_dict["ATOMIC_REQUESTS"] = importlib.import_module("settings").DATABASES["default"][
        "ATOMIC_REQUESTS"
    ]
try:
    if "task" in sys.argv[1]:
        importlib.import_module("tasks").sweep()
    else:
        view = importlib.import_module("urls").urlpatterns[0].callback
        BaseHandler().make_view_atomic(view)(request)
except TransactionManagementError:
    sys.exit(1)
sys.exit(0)
