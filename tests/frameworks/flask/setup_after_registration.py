"""Whether an application of the case cannot be made since its blueprint is registered already."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, ".")

try:
    module = import_module("shop" if Path("shop").is_dir() else "app")
    for name in ("make", "create_app", "first", "second"):
        if hasattr(module, name):
            getattr(module, name)().test_client().get("/")
except AssertionError as error:
    print(error)
    sys.exit(1 if "can no longer be called on the blueprint" in str(error) else 2)
