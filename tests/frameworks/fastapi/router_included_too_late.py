"""Whether the application of the case does not serve a route that its routers get.

FastAPI before 0.137 copies the routes of a router when it is included. It is not at hand: for a case that asks
for it, what stands in for it does so.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi.testclient import TestClient
from served import app, lay_flat

PAGES = {
    "bad": ["/items/"],
    "bad-child": ["/api/users"],
    "bad-factory": ["/health"],
    "good": ["/api/users", "/health"],
    "good-factory": ["/api/users", "/api/v2/users", "/health"],
    "good-newer": ["/items/"],
}
found = re.search(r"fastapi==0\.(\d+)", Path("requirements.txt").read_text())
if found is not None and int(found[1]) < 137:
    lay_flat()
statuses = {TestClient(app()).get(page).status_code for page in PAGES[sys.argv[1]]}
assert len(statuses) == 1
sys.exit(0 if statuses == {200} else 1)
