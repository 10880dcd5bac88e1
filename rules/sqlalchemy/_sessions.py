"""How a SQLAlchemy session is written, whatever makes it."""

from __future__ import annotations

_MODULES = ("sqlalchemy.orm", "sqlalchemy.orm.session", "sqlmodel", "sqlmodel.orm.session")
_ASYNC_MODULES = (
    "sqlalchemy.ext.asyncio", "sqlalchemy.ext.asyncio.session", "sqlmodel.ext.asyncio.session",
)  # fmt: skip
SESSIONS = frozenset(
    [
        *(f"{module}.Session()" for module in _MODULES),
        *(f"{module}.AsyncSession()" for module in _ASYNC_MODULES),
        "sqlalchemy.orm.sessionmaker()()", "sqlalchemy.orm.scoped_session()", "sqlalchemy.orm.scoped_session()()",
        "sqlalchemy.orm.sessionmaker().begin()", "sqlalchemy.ext.asyncio.async_sessionmaker()()",
        "sqlalchemy.ext.asyncio.async_sessionmaker().begin()", "sqlalchemy.ext.asyncio.async_scoped_session()",
        "flask_sqlalchemy.SQLAlchemy().session", "flask_sqlalchemy.extension.SQLAlchemy().session",
    ]
)  # fmt: skip
"""Values that are sessions."""

FACTORIES = frozenset({"sqlalchemy.orm.sessionmaker()", "sqlalchemy.ext.asyncio.async_sessionmaker()"})
"""Values that make sessions."""

ENGINES = frozenset(
    {
        "sqlalchemy.create_engine()", "sqlalchemy.Engine()", "sqlalchemy.engine.Engine()", "sqlmodel.create_engine()",
        "sqlalchemy.ext.asyncio.create_async_engine()", "sqlalchemy.ext.asyncio.AsyncEngine()",
        "flask_sqlalchemy.SQLAlchemy().engine", "sqlalchemy.Connection()", "sqlalchemy.engine.Connection()",
        "sqlalchemy.ext.asyncio.AsyncConnection()",
    }
)  # fmt: skip
"""Values that are engines or connections."""

CONNECTIONS = frozenset(
    [
        *(f"{engine}.connect()" for engine in ENGINES if engine.endswith("ngine()")),
        "sqlalchemy.Connection()", "sqlalchemy.engine.Connection()", "sqlalchemy.engine.base.Connection()",
        "sqlalchemy.ext.asyncio.AsyncConnection()", "sqlalchemy.ext.asyncio.engine.AsyncConnection()",
    ]
)  # fmt: skip
"""Values that are connections: those that an engine has opened, and those that a function is given."""
