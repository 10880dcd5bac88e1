"""Whether a request of the case asks the state of the application for what nobody has put there."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

sys.path.insert(0, ".")

from fastapi import FastAPI
from fastapi.testclient import TestClient


class Container:
    """What stands in for a container of a package that is not at hand."""

    async def close(self) -> None:
        """Close."""


def setup(container: object, app: FastAPI) -> None:
    """Put a container where the package puts it."""
    app.state.wirebox = Container()


def served() -> Any:
    """The application of the case."""
    places = {"app/main.py": "app.main", "app/api.py": "app.api"}
    module = import_module(next((name for path, name in places.items() if Path(path).exists()), "main"))
    return module.create_app() if hasattr(module, "create_app") else module.app


for name, values in {"wirebox": {}, "wirebox.integrations": {"setup_wirebox": setup}}.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(values)
try:
    with TestClient(served()) as client:
        client.get("/")
        if Path("app/feed.py").exists():
            with client.websocket_connect("/feed"):
                pass
except AttributeError as error:
    print(error)
    sys.exit(1 if "'State' object has no attribute" in str(error) else 2)
