"""Exits with 1 when something that is not loaded is read of an instance whose session is closed."""

from __future__ import annotations

from sqlalchemy.orm.exc import DetachedInstanceError
from stored import judge


def _page(case, session):
    with case.service.app.test_request_context():
        return case.service.users()


judge(
    {
        "bad-direct": lambda case, session: case.service.titles("a"),
        "bad-repository": lambda case, session: case.service.author(1),
        "bad-manager": lambda case, session: case.service.register("New"),
        "bad-async": lambda case, session, asynchronously: case.service.sizes(),
        "bad-template": _page,
        "good-loaded": lambda case, session: case.service.titles("a"),
        "good-inside": lambda case, session: case.service.titles(1),
        "good-kept-open": lambda case, session: case.service.titles(1),
        "good-not-asked-for": lambda case, session: case.service.titles(1),
        "good-again": lambda case, session: case.service.titles(1),
    },
    DetachedInstanceError,
)
