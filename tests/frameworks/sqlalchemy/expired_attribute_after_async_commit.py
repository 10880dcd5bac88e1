"""Exits with 1 when an attribute that a commit or rollback expired is read of an instance of an async session."""

from __future__ import annotations

from fastapi.exceptions import ResponseValidationError
from sqlalchemy.exc import SQLAlchemyError
from stored import answer, judge

judge(
    {
        "bad-direct": lambda case, session, asynchronously: case.service.rename(session, 1, "New"),
        "bad-repository": lambda case, session, asynchronously: case.service.register(session, "New"),
        "bad-response": lambda case, session, asynchronously: answer(case.app.app, "/users?name=New", "POST"),
        "bad-rollback": lambda case, session, asynchronously: case.service.publish(session, [None]),
        "bad-begin": lambda case, session, asynchronously: case.service.names(),
        "bad-unit-of-work": lambda case, session, asynchronously: case.service.register(session, "New"),
        "good-unit-of-work": lambda case, session, asynchronously: case.service.register(session, "New"),
        "good-factory": lambda case, session, asynchronously: case.service.rename(session, 1, "New"),
        "good-refreshed": lambda case, session, asynchronously: case.service.register(session, "New"),
        "good-read-before": lambda case, session, asynchronously: case.service.register(session, "New"),
        "good-sync": lambda case, session: case.service.rename(session, 1, "New"),
    },
    SQLAlchemyError,
    ResponseValidationError,
    says="reenlet",
)
