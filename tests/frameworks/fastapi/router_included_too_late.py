"""Whether the application of the case does not serve a route that its routers get.

FastAPI before 0.137 copies the routes of a router when it is included. It is not at hand: for a case that asks
for it, what stands in for it includes a copy of the router.
"""

from __future__ import annotations

import copy
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, ".")

from fastapi import APIRouter
from fastapi.testclient import TestClient

include = APIRouter.include_router
PAGES = {
    "bad": ["/items/"],
    "bad-child": ["/api/users"],
    "bad-factory": ["/health"],
    "good": ["/api/users", "/health"],
    "good-factory": ["/api/users", "/api/v2/users", "/health"],
    "good-newer": ["/items/"],
}


def copied(self: APIRouter, router: APIRouter, **options: Any) -> None:
    """Include what the router has now."""
    now = copy.copy(router)
    now.routes = [*router.routes]
    include(self, now, **options)


found = re.search(r"fastapi==0\.(\d+)", Path("requirements.txt").read_text())
if found is not None and int(found[1]) < 137:
    APIRouter.include_router = copied  # type: ignore[method-assign]

from main import app

statuses = {TestClient(app).get(page).status_code for page in PAGES[sys.argv[1]]}
assert len(statuses) == 1
sys.exit(0 if statuses == {200} else 1)
