"""Exits with 1 when the key of an instance is used, or the instance refreshed, before a flush."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError, InvalidRequestError
from stored import judge

judge(
    {
        "bad-direct": lambda case, session: case.service.register(session, "New"),
        "bad-helper": lambda case, session, asynchronously: case.service.register(session, "New"),
        "bad-assigned": lambda case, session: case.service.Register(session).run("New"),
        "bad-refresh": lambda case, session, asynchronously: case.service.register(session, "New"),
        "good-flushed": lambda case, session: case.service.register(session, "New", 77) and None,
        "good-autoflush": lambda case, session: case.service.register(session, "New"),
        "good-session-of-the-request": lambda case, session: case.service.register(session, "New").title and None,
        "good-set-later": lambda case, session: case.service.register(session, "New"),
        "good-put-back": lambda case, session: case.service.copied(session, "New"),
        "good-made-early": lambda case, session: case.service.register(session),
        "good-next-of-sessions": lambda case, session: (
            case.service.Maker.configure(bind=session.get_bind()) or case.service.register("New")
        ),
    },
    IntegrityError,
    InvalidRequestError,
)
