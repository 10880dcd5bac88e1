"""Whether FastAPI refuses a status of the case that has no body, or drops what an operation gives."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi import Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from served import app, operations

try:
    served = app()
except AssertionError as error:
    print(error)
    sys.exit(1 if "must not have a response body" in str(error) else 2)
endpoints = {(route.path, verb.lower()): route.endpoint for route in served.routes if isinstance(route, APIRoute)
             for verb in route.methods}  # fmt: skip
dropped = []
for each in operations(served):
    endpoint = endpoints[each.path, each.verb]
    given = endpoint(**dict.fromkeys(inspect.signature(endpoint).parameters, 1))
    answer = TestClient(served).request(each.verb, each.url)
    if given and not isinstance(given, Response) and not answer.content:
        dropped.append(each)
print(*dropped)
sys.exit(1 if dropped else 0)
