"""Whether a request of the case does not get the status that its error has."""

from __future__ import annotations

import asyncio
import sys

sys.path.insert(0, ".")

from fastapi.testclient import TestClient
from main import app

STATUSES = {
    "bad": {"/items/2": 404},
    "bad-own-class": {"/?key=": 404, "/?key=old": 410},
    "bad-service": {"/items/-1": 400},
    "good": {"/items/-1": 404, "/items/0": 400, "/items/1": 200},
    "good-plain-results": {"/1": 400, "/2": 200},
    "good-result": {"/-1": 404, "/1": 200},
}


def raises() -> bool:
    """Whether a service raises the exception that it makes, where no path leads to it."""
    from service import NotFound, Service

    try:
        return not isinstance(asyncio.run(Service().show("")), NotFound)
    except NotFound:
        return True


if sys.argv[1] == "bad-two-calls-away":
    sys.exit(0 if raises() else 1)
client = TestClient(app, raise_server_exceptions=False)
right = {client.get(page).status_code == status for page, status in STATUSES[sys.argv[1]].items()}
assert len(right) == 1
sys.exit(0 if right.pop() else 1)
