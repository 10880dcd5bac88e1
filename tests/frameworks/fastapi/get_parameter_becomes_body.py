"""Whether a GET of the case wants a body."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from served import app, operations

sys.exit(1 if any(each.verb == "get" and "requestBody" in each.said for each in operations(app())) else 0)
