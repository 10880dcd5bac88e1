"""Exits with 1 when rows that are joined with a collection are taken without `unique()`."""

from __future__ import annotations

from sqlalchemy.exc import InvalidRequestError
from stored import judge


def _orders(case, session):
    session.add(case.models.Order())
    session.commit()
    return case.service.keys(session)


judge(
    {
        "bad-direct": lambda case, session: case.service.users(session),
        "bad-path": lambda case, session, asynchronously: case.service.post(session, 1),
        "bad-mapper": _orders,
        "good-unique": lambda case, session: case.service.users(session),
        "good-query": lambda case, session: (case.service.users(session), case.service.posts(session)),
        "good-second-select": lambda case, session: case.service.posts(session),
    },
    InvalidRequestError,
    says="unique()",
)
