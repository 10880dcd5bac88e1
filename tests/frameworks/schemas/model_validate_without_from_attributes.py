"""Exits with 1 when Pydantic refuses an instance of a mapped class."""

from __future__ import annotations

from filled import case, decide, fill, session, status
from pydantic import ValidationError


def _session():
    models = case("models")
    return session(models.Base, models.User(name="a"))


def _response():
    models = case("models")
    fill(models.Base, models.engine, models.User(name="a"))
    return status("/users/1") == 200


def _heroes():
    service = case("service")
    return service.show(session(service.SQLModel, service.Hero(name="a")), 1)


decide(
    {
        "bad": lambda: case("service").show(_session(), 1),
        "bad-list": lambda: case("service").index(_session()),
        "bad-long-query": lambda: case("service").page(_session()),
        "bad-created": lambda: case("service").create(_session(), case("schemas").UserIn(name="a")),
        "good": lambda: case("service").show(_session(), 1),
        "good-response-model": _response,
        "good-keyword-and-sqlmodel": _heroes,
    },
    ValidationError,
)
