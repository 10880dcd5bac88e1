"""Exits with 1 when the key of an instance is used, or the instance refreshed, before a flush."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.orm import Session, object_session
from stored import judge


def registered_before_two(case: Any, session: Session) -> None:
    """What the case does with SQLAlchemy 1.4, where what is given a stored instance is put into its session."""

    def taken(one: Any, other: Any, *_: Any) -> None:
        held = object_session(other)
        if held is not None:
            held.add(one)

    event.listen(case.models.Post.user, "set", taken)
    case.service.register(session, "New")


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
        "good-saved-by-base": lambda case, session: case.service.register(session, "New"),
        "bad-saved-later": lambda case, session: case.service.register(session, "New"),
        "good-cascade-of-old": registered_before_two,
        "good-made-early": lambda case, session: case.service.register(session),
        "good-next-of-sessions": lambda case, session: (
            case.service.Maker.configure(bind=session.get_bind()) or case.service.register("New")
        ),
    },
    IntegrityError,
    InvalidRequestError,
)
