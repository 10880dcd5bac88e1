"""Exits with 1 when a dependency turns the answer into an error 500, or leaves what it opened open."""

from __future__ import annotations

from filled import case, decide, status

CLOSED: list[object] = []


def _closes():
    deps = case("deps")
    real = deps.AsyncSession.close

    async def close(self):
        CLOSED.append(self)
        await real(self)

    deps.factory.class_.close = close
    return status("/") == 404 and bool(CLOSED)


decide(
    {
        "bad-swallowed": lambda: status("/") == 404,
        "bad-skipped": _closes,
        "bad-twice": lambda: status("/", raises=True) == 200,
        "good": lambda: status("/") == 404,
        "good-branches": lambda: status("/") == 200,
        "good-older": lambda: status("/") == 200,
    },
    RuntimeError,
)
