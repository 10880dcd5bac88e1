"""Exits with 1 when the number of queries grows with the number of rows."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.engine import Engine
from stored import Lazily, judge

COUNTED: list[str] = []


@event.listens_for(Engine, "before_cursor_execute")
def _count(connection, cursor, statement, *rest):
    if statement.startswith("SELECT"):
        COUNTED.append(statement)


def _few(action):
    def run(case, session):
        COUNTED.clear()
        action(case, session)
        return len(COUNTED) <= 2

    return run


def _flask(case, session=None):
    import flask

    app = flask.Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = case.models.db
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([case.models.Post(user=case.models.User()) for _ in range(3)])
        db.session.commit()
        db.session.expunge_all()
        COUNTED.clear()
        case.views.listing()
        return len(COUNTED) <= 2


def _response(case, session):
    from pydantic import TypeAdapter

    users = case.app.users(session)
    TypeAdapter(list[case.schemas.UserOut]).validate_python(users, from_attributes=True)


if __import__("sys").argv[1] == "bad-flask":
    raise SystemExit(0 if _flask(Lazily()) else 1)
judge(
    {
        "bad-direct": _few(lambda case, session: case.service.sizes(session)),
        "bad-helper": _few(lambda case, session: case.service.listing(session)),
        "bad-response": _few(_response),
        "good-options": _few(lambda case, session: case.service.sizes(session)),
        "good-one-row": _few(lambda case, session: case.service.titles(session, 1)),
        "good-mapper": _few(lambda case, session: case.service.sizes(session)),
        "good-criteria": _few(lambda case, session: case.service.of(session, 1)),
        "good-on-purpose": lambda case, session: bool(case.service.listing(session)),
    }
)
