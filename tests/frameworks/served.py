"""What the scripts about FastAPI share: the application of the case, and its operations."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.routing import APIRoute

sys.path.insert(0, ".")


class Operation(NamedTuple):
    """A path with a verb, and what the schema of the application says of it."""

    verb: str
    path: str
    said: dict[str, Any]

    @property
    def url(self) -> str:
        """The path with 1 for everything that it holds."""
        return re.sub(r"\{[^}]*\}", "1", self.path)


def app() -> Any:
    """The application of the case."""
    return importlib.import_module("main").app


def operations(served: Any) -> Iterator[Operation]:
    """Those of an application."""
    for path, verbs in served.openapi()["paths"].items():
        for verb, said in verbs.items():
            yield Operation(verb, path, said)


def lay_flat() -> None:
    """Let routers copy the routes of those that they include, as FastAPI did before 0.137."""
    APIRouter.include_router = _copied  # type: ignore[assignment]


def _copied(self: APIRouter, router: APIRouter, prefix: str = "", **_: Any) -> None:
    for route in router.routes:
        assert isinstance(route, APIRoute)
        self.add_api_route(prefix + route.path, route.endpoint, methods=list(route.methods))
