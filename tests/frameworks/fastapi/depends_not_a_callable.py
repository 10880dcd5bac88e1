"""Whether FastAPI refuses a dependency of the case, or a request fails on what stands for one."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi.testclient import TestClient
from served import app, operations

try:
    served = app()
    for each in operations(served):
        TestClient(served).request(each.verb, each.url)
except (AssertionError, AttributeError, TypeError) as error:
    print(error)
    sys.exit(1 if "callable" in str(error) or "Depends" in str(error) else 2)
