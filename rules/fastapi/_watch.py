"""What of FastAPI and Starlette holds routes, and the methods by which it gets them."""

from __future__ import annotations

from cdlint.project.objects import Watch

APPLICATIONS = frozenset({"fastapi.FastAPI", "fastapi.applications.FastAPI", "starlette.applications.Starlette"})
ROUTERS = frozenset(
    {
        "fastapi.APIRouter",
        "fastapi.routing.APIRouter",
        "starlette.routing.Router",
        "fastapi_utils.inferring_router.InferringRouter",
        "fastapi_restful.inferring_router.InferringRouter",
    }
)
MOUNT = "starlette.routing.Mount"
VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
DECORATORS = frozenset({*VERBS, "api_route", "route", "websocket", "websocket_route"})
ADDERS = {"add_api_route": "endpoint", "add_route": "route", "add_api_websocket_route": "endpoint",
          "add_websocket_route": "route"}  # fmt: skip
QUIET = frozenset(
    {"add_middleware", "add_exception_handler", "exception_handler", "middleware", "on_event", "add_event_handler",
     "openapi", "url_path_for", "setup", "build_middleware_stack", "state", "__init__"}
)  # fmt: skip
MOVES = frozenset({"remove", "insert", "sort", "reverse", "clear", "pop"})
WATCH = Watch(
    APPLICATIONS | ROUTERS,
    frozenset({"include_router", "mount", "host", *ADDERS}),
    DECORATORS,
    frozenset({"fastapi_utils.cbv.cbv", "fastapi_restful.cbv.cbv", "fastapi.testclient.TestClient", "uvicorn.run"}),
    records=frozenset(
        {MOUNT, "starlette.routing.Host", "starlette.routing.Route", "starlette.routing.WebSocketRoute",
         "fastapi.routing.APIRoute", "fastapi.routing.APIWebSocketRoute", "fastapi.routing.Mount"}
    ),
    single=APPLICATIONS,
)  # fmt: skip
