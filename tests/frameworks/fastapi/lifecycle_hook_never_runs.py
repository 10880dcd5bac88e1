"""Whether a hook of the case has not run when requests come, or when the application has stopped.

Versions that have `on_event()` alone are given the method beside it of those before.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, ".")

from fastapi import FastAPI
from fastapi.testclient import TestClient


def add_event_handler(self: FastAPI, kind: str, function: Callable[[], Any]) -> None:
    """Add a hook as the decorator does."""
    self.on_event(kind)(function)


if not hasattr(FastAPI, "add_event_handler"):
    FastAPI.add_event_handler = add_event_handler
module = import_module("app.main" if Path("app").is_dir() else "main")
# What each case can be asked for once its hooks have run: pages, or what they leave behind.
PAGES = {
    "bad-mounted": "/admin/",
    "bad-not-given": "/words",
    "good-entered": "/inner/",
    "good-given-elsewhere": "/words",
}
LEFT: dict[str, Callable[[str, Any], bool]] = {
    "bad": lambda said, app: hasattr(app.state, "ready"),
    "bad-factory": lambda said, app: "closed" in said,
    "good": lambda said, app: hasattr(app.state, "ready"),
}
said = io.StringIO()
try:
    with contextlib.redirect_stdout(said), TestClient(module.app) as client:
        if sys.argv[1] in PAGES:
            client.get(PAGES[sys.argv[1]]).raise_for_status()
except AttributeError as error:
    sys.exit(1 if "'State' object has no attribute" in str(error) else 2)
sys.exit(0 if sys.argv[1] in PAGES or LEFT[sys.argv[1]](said.getvalue(), module.app) else 1)
