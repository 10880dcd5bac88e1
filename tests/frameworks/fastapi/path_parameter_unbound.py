"""Whether an operation of the case leaves a part of its path unread and wants something from elsewhere instead."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastapi.routing import APIRoute
from served import Operation, app, operations


def is_unbound(operation: Operation) -> bool:
    """Whether a name of the path is no parameter, while one is required that is not in the path."""
    given, names = operation.said.get("parameters", ()), set(re.findall(r"\{([^}:]*)", operation.path))
    lost = names.difference(each["name"] for each in given if each["in"] == "path")
    return bool(lost) and any(each["required"] and each["name"] not in names for each in given)


served = app()
# Who takes the request itself reads the path of it.
plain = [route for route in served.routes if isinstance(route, APIRoute)]
asking = {route.path for route in plain if "request" in route.endpoint.__annotations__}
wrong = [each for each in operations(served) if is_unbound(each) and each.path not in asking]
print(*wrong)
sys.exit(1 if wrong else 0)
