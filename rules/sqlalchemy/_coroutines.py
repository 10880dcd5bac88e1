"""Which callables of SQLAlchemy's asynchronous extension give coroutines."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.coroutines import Coroutines, coroutines
from cdlint.project import Project

_SESSION = (
    "aclose",
    "close",
    "commit",
    "connection",
    "delete",
    "execute",
    "flush",
    "get",
    "get_one",
    "invalidate",
    "merge",
    "refresh",
    "rollback",
    "run_sync",
    "scalar",
    "scalars",
    "stream",
    "stream_scalars",
)
_CONNECTION = ("commit", "execute", "rollback", "run_sync", "scalar", "scalars")
_SESSIONS = (
    "sqlalchemy.ext.asyncio.AsyncSession()",
    "sqlalchemy.ext.asyncio.session.AsyncSession()",
    "sqlalchemy.ext.asyncio.async_sessionmaker()()",
    "sqlalchemy.ext.asyncio.async_sessionmaker().begin()",
    "sqlalchemy.ext.asyncio.async_scoped_session()",
)
_CONNECTIONS = (
    "sqlalchemy.ext.asyncio.AsyncConnection()",
    "sqlalchemy.ext.asyncio.AsyncEngine().begin()",
    "sqlalchemy.ext.asyncio.AsyncEngine().connect()",
    "sqlalchemy.ext.asyncio.create_async_engine().begin()",
    "sqlalchemy.ext.asyncio.create_async_engine().connect()",
)


@provides(coroutines)
def sqlalchemy_coroutines(project: Project) -> tuple[Coroutines, ...]:
    """The methods of asynchronous sessions, connections and engines."""
    return (
        *(Coroutines(owner, _SESSION) for owner in _SESSIONS),
        Coroutines("sqlmodel.ext.asyncio.session.AsyncSession()", (*_SESSION, "exec")),
        *(Coroutines(owner, _CONNECTION) for owner in _CONNECTIONS),
        Coroutines("sqlalchemy.ext.asyncio.create_async_engine()", ("dispose",)),
        Coroutines("sqlalchemy.ext.asyncio.AsyncEngine()", ("dispose",)),
    )
