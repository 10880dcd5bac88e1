"""Exits with 1 when two objects that are made one after the other share a default."""

from __future__ import annotations

import inspect
import sys
import time
from types import ModuleType

from filled import case, decide, fill


def _differ(made, *names):
    one = made()
    time.sleep(0.01)
    other = made()
    return all(getattr(one, name) != getattr(other, name) for name in names)


def _rows(module, name, *columns):
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    cls = getattr(case(module), name)
    engine = create_engine("sqlite://")
    fill(cls, engine)
    with Session(engine, expire_on_commit=False) as session:

        def made():
            row = cls()
            session.add(row)
            session.flush()
            return row

        return _differ(made, *columns)


def _django():
    import django
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["shop"], USE_TZ=True)
    django.setup()
    return _differ(case("shop.models").Order, "placed", "code")


def _document():
    from pydantic import BaseModel

    # Documents are models of Pydantic.
    beanie = sys.modules["beanie"] = ModuleType("beanie")
    beanie.Document = BaseModel
    made = case("documents").Note
    return _differ(lambda: made(text="one"), "written")


def _required():
    from fastapi.testclient import TestClient

    return TestClient(case("api").app).get("/rooms").status_code == 422


def _computed(function, *names):
    return all(inspect.signature(function).parameters[name].default is None for name in names)


decide(
    {
        "bad": lambda: _rows("models", "Token", "key", "expires"),
        "bad-mixin-and-helper": lambda: _rows("models", "Note", "created"),
        "bad-pydantic-and-dataclass": lambda: _differ(case("schemas").Event, "id", "seen"),
        "bad-django-field": _django,
        "bad-document": _document,
        "bad-parameter": lambda: _computed(case("service").stamp, "at"),
        "bad-under-with": lambda: _rows("models", "Order", "made"),
        "good": lambda: _rows("models", "Token", "key", "created", "expires"),
        "good-constants-and-settings": lambda: case("settings").Status().since == case("settings").STARTED,
        "good-makes-a-callable": lambda: _rows("models", "Offer", "id", "until"),
        "good-described": _required,
        "good-example": lambda: _differ(lambda: case("schemas").Bundle(name="one"), "created_at"),
        "good-command-line": lambda: case("release").prepare,
    }
)
