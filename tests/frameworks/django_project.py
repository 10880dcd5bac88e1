"""What the scripts about Django projects share: the settings of the case, which is a project, in use."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

sys.path.insert(0, ".")


def settings() -> ModuleType:
    """The settings of the case, with what any project needs and the case leaves out."""
    name = "shop.settings" if Path("shop/settings.py").exists() else "settings"
    os.environ["DJANGO_SETTINGS_MODULE"] = name
    found = importlib.import_module(name)
    needed = {
        "SECRET_KEY": "x",
        "ALLOWED_HOSTS": ["*"],
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    }
    for key, value in needed.items():
        if not hasattr(found, key):
            setattr(found, key, value)
    return found


def start() -> None:
    """Let Django load the apps of the case."""
    import django

    settings()
    django.setup()


def modules(package: str) -> Iterator[ModuleType]:
    """The modules of a package of the case."""
    for path in sorted(Path(package).glob("*.py")):
        yield importlib.import_module(f"{package}.{path.stem}" if path.stem != "__init__" else package)
