"""Exits with 1 when something that waits is called in the thread of the event loop while a request is answered."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

import httpx
import requests
from sqlalchemy.orm import Query, Session
from sqlalchemy.util.concurrency import in_greenlet

waited: list[str] = []


def watch(owner: Any, name: str, instead: Callable[..., Any] | None = None) -> None:
    """Note calls from the thread in which a loop runs; SQLAlchemy's own switching back to it does not count."""
    plain = getattr(owner, name)

    def called(*args: Any, **given: Any) -> Any:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            waited.extend([] if in_greenlet() else [name])
        return (instead or plain)(*args, **given)

    setattr(owner, name, called)


async def answered(self: Any, request: httpx.Request) -> httpx.Response:
    """What the network says."""
    return httpx.Response(200, request=request)


def reply(*_: Any, **__: Any) -> requests.Response:
    """What `requests` brings."""
    found = requests.Response()
    found.status_code, found._content = 200, b"1"
    return found


watch(time, "sleep", lambda _: None)
watch(requests, "get", reply)
watch(urllib.request, "urlopen", lambda *_: io.BytesIO(b"all"))
watch(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout="x"))
watch(Session, "get")
watch(Query, "first")
httpx.AsyncHTTPTransport.handle_async_request = answered  # type: ignore[method-assign]


async def ask(app: Any, method: str, *urls: str) -> None:
    """Ask an application, whichever framework it is of."""
    if hasattr(app, "router") and type(app).__module__.startswith("aiohttp"):
        from aiohttp.test_utils import TestClient, TestServer

        async with TestClient(TestServer(app)) as client:
            for url in urls:
                assert (await client.request(method, url)).status == 200
        return
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://case") as client:
        for url in urls:
            (await client.request(method, url)).raise_for_status()


async def main(case: str) -> None:
    """One request for each address of the case."""
    if case == "bad-through-service":
        from shop.web import app

        await ask(app, "POST", "/orders/1/label")
        return
    if case in ("bad-kept-by-the-object", "good-once-or-after-failure"):
        from shop.web import app

        # What only the first request waits for is not the point.
        for _ in range(2):
            waited.clear()
            await ask(app, "GET", "/prices" if case.startswith("bad") else "/printers/6869")
        return
    from main import app

    if "session" in case:
        import db

        if case.startswith("good"):
            async with db.factory.kw["bind"].begin() as connection:
                await connection.run_sync(db.Base.metadata.create_all)
        else:
            db.Base.metadata.create_all(db.SessionLocal.kw["bind"])
            with db.SessionLocal() as session:
                session.add(db.Room(id=1, name="a"))
                session.commit()
    urls = {
        "bad-aiohttp-task": ("/refresh",), "bad-direct": ("/rates/eur",), "bad-session-dependency": ("/rooms/1",),
        "good": ("/rates/eur", "/slow/eur"), "good-async-session": ("/rooms", "/rooms/1"),
        "bad-session-query": ("/me?token=a",), "good-startup-and-cli": ("/health",),
    }  # fmt: skip
    await ask(app, "POST" if case == "bad-aiohttp-task" else "GET", *urls[case])


try:
    asyncio.run(main(sys.argv[1]))
except Exception:
    # SQLite does not let one thread end what another has begun: the session is used in both.
    if not waited:
        raise
print(*waited)
sys.exit(1 if waited else 0)
