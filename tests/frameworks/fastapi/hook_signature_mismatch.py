"""Whether a request fails in the case because a handler of exceptions or a middleware takes something else."""

from __future__ import annotations

import sys
from collections.abc import Callable

sys.path.insert(0, ".")

from fastapi.testclient import TestClient
from main import app


def raising(error: type[Exception]) -> Callable[[], None]:
    """A route that raises."""

    def route() -> None:
        raise error("it")

    return route


own = [
    each
    for each in app.exception_handlers
    if isinstance(each, type) and not each.__module__.startswith(("fastapi", "starlette"))
]
for each in own:
    app.add_api_route(f"/raising/{each.__name__}", raising(each))
failed = 0
for page in ["/raising/" + each.__name__ for each in own] + ["/openapi.json"]:
    try:
        TestClient(app).get(page)
    except TypeError as error:
        failed = 1 if "argument" in str(error) else 2
sys.exit(failed)
