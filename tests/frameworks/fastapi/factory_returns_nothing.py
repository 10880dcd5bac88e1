"""Whether the application of the case is there and serves what it joins."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

from fastapi.testclient import TestClient

sys.path.insert(0, ".")

run: list[Any] = []
# The server, which the tests do without.
server = sys.modules["uvicorn"] = ModuleType("uvicorn")
server.run = run.append  # type: ignore[attr-defined]


def answers() -> bool:
    """Whether one of the places where a pond may be shown does so."""
    main = importlib.import_module("main")
    client = TestClient(run[0] if run else main.app, raise_server_exceptions=False)
    return any(client.get(f"{prefix}/ponds/1").status_code == 200 for prefix in ("/api", "/admin"))


try:
    sys.exit(0 if answers() else 1)
except (AssertionError, AttributeError, TypeError) as error:
    print(error)
    sys.exit(1)
