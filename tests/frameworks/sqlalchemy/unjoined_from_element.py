"""Exits with 1 when SQLAlchemy warns of a cartesian product, or a statement lacks a table."""

from __future__ import annotations

import warnings

from sqlalchemy.exc import InvalidRequestError, OperationalError, SAWarning
from stored import judge

warnings.simplefilter("error", SAWarning)


def _run(case, session):
    return case.service.run(session)


judge(
    dict.fromkeys(
        (
            "bad-where", "bad-steps", "bad-alias", "bad-join", "bad-order", "bad-returned",
            "bad-secondary", "bad-flask", "bad-own-getter", "bad-session-unknown",
            "good-linked", "good-correlated", "good-steps", "good-cross", "good-secondary", "good-own-method",
        ),
        _run,
    ),
    SAWarning,
    InvalidRequestError,
    OperationalError,
)  # fmt: skip
