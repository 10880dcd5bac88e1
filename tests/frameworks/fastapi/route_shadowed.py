"""Whether a request for the path of some route of the case is answered by another.

Routers copy the routes of those that they include, as FastAPI did before 0.137: so all can be looked at in turn.
"""

from __future__ import annotations

import asyncio
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient
from served import lay_flat


async def reached(app: Any, verb: str, url: str) -> object:
    """The function that answers a request."""
    scopes: list[Any] = []

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await app(scope, receive, send)

    async with AsyncClient(transport=ASGITransport(listening), base_url="http://case") as client:
        await client.request(verb, url)
    return scopes[0].get("endpoint")


lay_flat()
module = import_module(next(name for name in ("wsgi", "app", "main") if Path(f"{name}.py").exists()))
served = module.create_app() if hasattr(module, "create_app") else module.app
lost = [
    route
    for route in served.routes
    if isinstance(route, APIRoute)
    for verb in route.methods
    if asyncio.run(reached(served, verb, re.sub(r"\{[^}]*\}", "1", route.path))) is not route.endpoint
]
print(*lost)
sys.exit(1 if lost else 0)
