"""Which callables of FastAPI and Starlette give coroutines."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.coroutines import Coroutines, coroutines
from cdlint.project import Project

_SOCKET = (
    "accept",
    "close",
    "receive",
    "receive_bytes",
    "receive_json",
    "receive_text",
    "send",
    "send_bytes",
    "send_json",
    "send_text",
)
_OWNERS = {
    "Request()": ("body", "form", "is_disconnected", "json"),
    "UploadFile()": ("close", "read", "seek", "write"),
    "WebSocket()": _SOCKET,
}
_HOMES = {
    "Request()": ("fastapi", "fastapi.requests", "starlette.requests"),
    "UploadFile()": ("fastapi", "fastapi.datastructures", "starlette.datastructures"),
    "WebSocket()": ("fastapi", "fastapi.websockets", "starlette.websockets"),
}


@provides(coroutines)
def fastapi_coroutines(project: Project) -> tuple[Coroutines, ...]:
    """The methods of requests, uploads and sockets, and the way into a thread."""
    methods = tuple(
        Coroutines(f"{home}.{kind}", _OWNERS[kind], contexts=("form",)) for kind in _OWNERS for home in _HOMES[kind]
    )
    threads = tuple(
        Coroutines(f"{package}.concurrency", ("run_in_threadpool",)) for package in ("fastapi", "starlette")
    )
    return (*methods, *threads)
