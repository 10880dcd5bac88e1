"""Exits with 1 when the model refuses what the schema gives."""

from __future__ import annotations

import sys

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


class _Field:
    def __init__(self, *inner, **options):
        self.options = options


class _Schema:
    """As much of a schema of marshmallow as the cases need."""

    def __init__(self, only=None):
        self.only = only

    def load(self, data):
        found = {}
        for owner in reversed(type(self).__mro__):
            for name, field in vars(owner).items():
                wanted = isinstance(field, _Field) and not field.options.get("dump_only")
                if (
                    wanted
                    and (not self.only or name in self.only)
                    and (name in data or "load_default" in field.options)
                ):
                    found[field.options.get("attribute") or name] = data.get(name, field.options.get("load_default"))
        built = [each for each in vars(type(self)).values() if getattr(each, "is_last", False)]
        return built[0](self, found) if built else found


def _last(function):
    function.is_last = True
    return function


def _marshmallow():
    from types import ModuleType, SimpleNamespace

    import flask

    library = ModuleType("marshmallow")
    library.Schema, library.post_load = _Schema, _last
    library.fields = SimpleNamespace(Integer=_Field, String=_Field, List=_Field)
    sys.modules["marshmallow"] = library
    db = case("models").db
    app = flask.Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.test_request_context(json={"name": "a", "kind": "b"}):
        db.create_all()
        case("views").add()
    return True


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
        "bad-marshmallow": _marshmallow,
        "good-marshmallow": _marshmallow,
    },
    TypeError,
    AttributeError,
    ValidationError,
)
