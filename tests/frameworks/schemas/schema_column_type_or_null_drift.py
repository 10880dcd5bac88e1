"""Exits with 1 when a row that its table takes cannot be read into the schema."""

from __future__ import annotations

from datetime import datetime

from filled import case, decide, fill, session, status
from pydantic import ValidationError


def _ok(path, make):
    models = case("models")
    fill(models.Base, models.engine, make(models))
    return status(path) == 200


def _heroes():
    models, main = case("models"), case("main")
    models.SQLModel.metadata.create_all(main.engine)
    with main.Session(main.engine) as opened:
        opened.add(models.Hero(name="a"))
        opened.commit()
    return status("/heroes") == 200


def _converted():
    models = case("models")
    return case("service").show(session(models.Base, models.Token()), 1)


def _made_text():
    models = case("models")
    lap = models.Lap(start=datetime(2026, 1, 2, 10))
    return case("service").show(session(models.Base, lap), 1)


decide(
    {
        "bad-null": lambda: _ok("/profiles", lambda models: models.Profile()),
        "bad-type": lambda: case("service").issue(session(case("models").Base), "a"),
        "bad-inherited": lambda: _ok("/tasks/1", lambda models: models.Task(title="a")),
        "bad-generic-repository": lambda: _ok("/rooms", lambda models: models.Room()),
        "good": lambda: _ok("/profiles/a", lambda models: models.Profile(name="a")),
        "good-left-out": lambda: status("/done") == 200,
        "good-shared-base": _heroes,
        "good-converted": _converted,
        "good-made-text": _made_text,
        "bad-set-to-a-moment": lambda: case("service").begin(session(case("models").Base)),
    },
    ValidationError,
)
