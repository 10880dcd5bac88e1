"""Whether the database that the case configures can run its queries."""

from __future__ import annotations

import importlib
import os
import sys

import django
from django.db import NotSupportedError, connection
from django.db.utils import InterfaceError, OperationalError, ProgrammingError

sys.path.insert(0, ".")
os.environ["DJANGO_SETTINGS_MODULE"] = "config"
sys.modules.setdefault("psycopg2", None)  # type: ignore[arg-type]

try:
    django.setup()
    models = importlib.import_module("shop.models")
    with connection.schema_editor() as editor:
        for each in django.apps.apps.get_models():
            editor.create_model(each)
    importlib.import_module("shop.services").run()
except (NotSupportedError, InterfaceError, OperationalError, ProgrammingError):
    sys.exit(1)
except ImportError as error:
    sys.exit(1 if "psycopg" in str(error) else 2)
