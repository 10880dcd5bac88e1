"""Exits with 1 when the answer of an endpoint reads a relationship that can no longer be loaded."""

from __future__ import annotations

from fastapi.exceptions import ResponseValidationError
from sqlalchemy.exc import SQLAlchemyError
from stored import answer, judge


def _url(url, method="GET"):
    def run(case, session, asynchronously):
        return answer(case.app.app, url, method)

    return run


judge(
    {
        "bad-direct": _url("/users"),
        "bad-service": _url("/users/a"),
        "bad-nested": _url("/posts/1"),
        "good-loaded": _url("/users"),
        "good-shallow": _url("/users"),
        "good-mapper": _url("/users/1", "POST"),
    },
    ResponseValidationError,
    SQLAlchemyError,
    says="reenlet",
)
