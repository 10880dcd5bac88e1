"""Exits with 1 when Pydantic or FastAPI refuses what is made or returned."""

from __future__ import annotations

import sys

from fastapi.exceptions import ResponseValidationError
from filled import case, decide, status
from pydantic import ValidationError


def _answers(*paths):
    return all(status(path, raises=True) == 200 for path in paths)


def _service_of_the_first_version():
    import pydantic.v1

    sys.modules["pydantic"] = pydantic.v1
    return case("service")


decide(
    {
        "bad": lambda: case("service").change(1, 2),
        "bad-inherited": lambda: case("models").Order().read() and case("report").total([1]),
        "bad-optional": lambda: case("service").Catalogue().first(),
        "bad-dumped": lambda: case("service").first(),
        "bad-response": lambda: _answers("/token"),
        "bad-response-list": lambda: _answers("/tags/"),
        "good": lambda: len(case("service").change(1, {"quantity": 2})) == 4,
        "good-names": lambda: case("service").start(),
        "good-own-field": lambda: case("service").site(),
        "good-prepared": lambda: case("service").price(),
        "good-response": lambda: _answers("/token", "/token?short=1", "/tokens"),
        "good-first-version": lambda: _service_of_the_first_version().first(),
        "good-version-unknown": lambda: _service_of_the_first_version().worker("a"),
    },
    ValidationError,
    ResponseValidationError,
)
