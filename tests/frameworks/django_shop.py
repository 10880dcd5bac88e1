"""Django set up around a fixture case whose `models.py` lies at the top, on SQLite files."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType


def start(*, installed: bool = True, **settings: object) -> None:
    """Configure Django with the case as its one app, `shop`, and create the tables of its models."""
    import django
    from django.apps import apps
    from django.conf import settings as configured
    from django.db import connection

    sys.path.insert(0, ".")
    databases = {
        name: {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path.cwd() / f"{name}.db")}
        for name in ("default", "other")
    }
    shop = sys.modules["shop"] = ModuleType("shop")
    shop.__path__ = [str(Path.cwd())]
    installed_apps = ["shop"] if installed else []
    field = "django.db.models.AutoField"
    configured.configure(DATABASES=databases, INSTALLED_APPS=installed_apps, DEFAULT_AUTO_FIELD=field, **settings)
    django.setup()
    if installed:
        # The modules of the case know it by its short name.
        sys.modules["models"] = sys.modules["shop.models"]
        with connection.schema_editor() as editor:
            for model in apps.get_app_config("shop").get_models():
                editor.create_model(model)
