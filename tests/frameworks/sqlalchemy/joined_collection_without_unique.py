"""Exits with 1 when rows that are joined with a collection are taken without `unique()`."""

from __future__ import annotations

import sys

from sqlalchemy.exc import InvalidRequestError
from stored import Lazily, judge


def _orders(case, session):
    session.add(case.models.Order())
    session.commit()
    return case.service.keys(session)


def _accounts(case, session):
    session.add(case.models.Account(id=1))
    session.commit()
    return case.service.users(session)


def _page(case):
    import flask

    app = flask.Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    case.models.db.init_app(app)
    with app.test_request_context():
        case.models.db.create_all()
        return case.service.page() == []


if sys.argv[1] == "good-page":
    sys.exit(0 if _page(Lazily()) else 1)
judge(
    {
        "bad-direct": lambda case, session: case.service.users(session),
        "bad-path": lambda case, session, asynchronously: case.service.post(session, 1),
        "bad-mapper": _orders,
        "bad-many-by-backref": _accounts,
        "good-one-by-backref": _accounts,
        "good-unique": lambda case, session: case.service.users(session),
        "good-query": lambda case, session: (case.service.users(session), case.service.posts(session)),
        "good-second-select": lambda case, session: case.service.posts(session),
    },
    InvalidRequestError,
    says="unique()",
)
