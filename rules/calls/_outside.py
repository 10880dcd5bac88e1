"""Which widely used callables outside the repository give coroutines, and which decorators keep them."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.coroutines import Coroutines, coroutines
from cdlint.project import Project

_HTTP = ("aclose", "delete", "get", "head", "options", "patch", "post", "put", "request", "send")
_BODY = ("json", "multipart", "post", "read", "text")
_FETCHING = ("fetchone", "fetchall", "fetchmany", "fetch", "fetchrow", "fetchval")
_RUNNING = ("execute", "execute_fetchall", "execute_insert", "executemany", "executescript")
_KNOWN = (
    Coroutines("asyncio", ("open_connection", "sleep", "to_thread", "wait", "wait_for")),
    Coroutines("asyncio", ("create_subprocess_exec", "create_subprocess_shell", "start_server")),
    Coroutines("asyncio.Event()", ("wait",)),
    Coroutines("asyncio.Lock()", ("acquire",)),
    Coroutines("asyncio.Queue()", ("get", "join", "put")),
    Coroutines("asyncio.Semaphore()", ("acquire",)),
    Coroutines("anyio", ("sleep", "sleep_forever")),
    Coroutines("anyio.to_thread", ("run_sync",)),
    Coroutines("httpx.AsyncClient()", _HTTP),
    Coroutines("aiohttp.ClientSession()", ("close",)),
    *(Coroutines(owner, _BODY) for owner in ("aiohttp.web.Request()", "aiohttp.web_request.Request()")),
    *(Coroutines(f"aiohttp.{home}.View().request", _BODY) for home in ("web", "web_urldispatcher")),
    *(
        Coroutines(owner, ("close", "commit", "rollback", *_FETCHING[:3], *_RUNNING), chained=True, contexts=_RUNNING)
        for owner in ("aiosqlite.Connection()", "aiosqlite.connect()", "aiosqlite.core.Connection()")
    ),
    *(
        Coroutines(f"asyncpg.{owner}()", ("close", "execute", "executemany", *_FETCHING[3:]))
        for owner in ("Connection", "Pool", "connect", "create_pool", "connection.Connection", "pool.Pool")
    ),
)

KEEPING = frozenset(
    {
        "abc.abstractmethod", "asyncio.coroutine", "backoff.on_exception", "backoff.on_predicate",
        "builtins.classmethod", "builtins.staticmethod", "functools.cache", "functools.lru_cache", "functools.wraps",
        "tenacity.retry", "tenacity.retry_unless_exception_type", "typing.final", "typing.no_type_check",
        "typing.overload", "typing.override", "typing_extensions.deprecated", "typing_extensions.final",
        "typing_extensions.override", "unittest.mock.patch", "unittest.mock.patch.dict",
        "unittest.mock.patch.object", "warnings.deprecated",
    }
)  # fmt: skip
"""Decorators after which calling an `async def` still gives a coroutine."""

ROUTING = tuple(
    f"{owner}()."
    for owner in (
        "fastapi.APIRouter", "fastapi.FastAPI", "fastapi.applications.FastAPI", "fastapi.routing.APIRouter",
        "aiohttp.web.RouteTableDef", "flask.Blueprint", "flask.Flask", "quart.Blueprint", "quart.Quart",
    )
)  # fmt: skip
"""What a decorator's name starts with that registers a handler and gives the function back."""
HANDLING = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "trace", "route", "api_route", "exception_handler"}
)
"""Of those, the ones whose handler answers with what it returns."""


@provides(coroutines)
def known_coroutines(project: Project) -> tuple[Coroutines, ...]:
    """Those of the standard library and of HTTP clients."""
    return _KNOWN
