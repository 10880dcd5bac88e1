"""Exits with 1 when the model refuses what the schema gives."""

from __future__ import annotations

from filled import case, decide, session
from pydantic import ValidationError


def _user():
    return case("schemas").UserCreate(email="a", password="b")


async def _register():
    return await case("service").Users(session(case("models").Base)).register(_user())


def _order():
    schemas = case("schemas")
    order = schemas.OrderIn(number=1, lines=[schemas.LineIn(sku="a")])
    return case("main").place(order, session(case("models").Base))


def _own():
    models = case("models")
    return models.make(models.AccountIn(password="a"), models.HeroIn(name="b", nickname="c"))


def _good():
    service, opened = case("service"), session(case("models").Base)
    service.create(opened, _user(), case("schemas").PostCreate(title="a"))
    service.register(opened, _user())
    opened.flush()
    return True


def _sqlmodel():
    from sqlmodel import SQLModel

    models = case("models")
    return case("service").create(session(SQLModel), models.UserCreate(email="a", password="b"))


decide(
    {
        "bad": lambda: case("service").create(session(case("models").Base), _user()),
        "bad-variable": _register,
        "bad-nested": _order,
        "bad-sqlmodel": _sqlmodel,
        "bad-sqlmodel-dumped": _sqlmodel,
        "good-sqlmodel": _sqlmodel,
        "good": _good,
        "good-own-constructor": _own,
    },
    TypeError,
    AttributeError,
    ValidationError,
)
