"""Exits with 1 when the number of queries grows with the number of rows."""

from __future__ import annotations

import sys

from sqlalchemy import event, select
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


def _known(case, session):
    users = list(session.scalars(select(case.models.User)))
    return _few(lambda case, session: case.service.titles(session, users))(case, session)


def _badges(case, session):
    COUNTED.clear()
    case.service.badges(session, 1)
    return len(COUNTED) <= 3


def _flask(case, session=None):
    import flask

    app = flask.Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = case.models.db
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([case.models.Post(user=case.models.User()) for _ in range(4)])
        db.session.commit()
        db.session.expunge_all()
        COUNTED.clear()
        case.views.listing()
        return len(COUNTED) <= 2


def _response(case, session):
    from pydantic import TypeAdapter

    users = case.app.users(session)
    TypeAdapter(list[case.schemas.UserOut]).validate_python(users, from_attributes=True)


def _pages(case):
    """The pages of a Flask application that needs few queries for each."""
    app, db, models = case.app.app, case.models.db, case.models
    with app.app_context():
        db.create_all()
        db.session.add_all([models.Book(title=str(n), author=models.Author(name=str(n))) for n in range(3)])
        db.session.commit()
    counts = []
    for page in [rule.rule.replace("<int:key>", "1") for rule in app.url_map.iter_rules() if rule.endpoint != "static"]:
        COUNTED.clear()
        assert app.test_client().get(page).status_code == 200
        counts.append(len(COUNTED))
    return max(counts) <= 3


def _books(case):
    from fastapi.testclient import TestClient
    from sqlalchemy.orm import Session

    models = case.models
    models.Base.metadata.create_all(models.engine)
    with Session(models.engine) as session:
        session.add_all([models.Book(author=models.Author(name=str(n))) for n in range(3)])
        session.commit()
    COUNTED.clear()
    assert TestClient(case.main.app).get("/books").status_code == 200
    return len(COUNTED) <= 2


def _default(case):
    import flask

    app, db, models = flask.Flask("case"), case.models.db, case.models
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([models.Author(books=[models.Book()]) for _ in range(4)])
        db.session.commit()
        db.session.expunge_all()
        COUNTED.clear()
        case.service.Authors().counts()
        return len(COUNTED) <= 2


_ALONE = {"bad-default-session": _default, "bad-flask": _flask, "bad-two-loops": _flask, "bad-template-fastapi": _books}
_ALONE |= dict.fromkeys(
    ("bad-template", "bad-template-page", "good-template-options", "good-template-one", "good-template-block"), _pages
)
if sys.argv[1] in _ALONE:
    raise SystemExit(0 if _ALONE[sys.argv[1]](Lazily()) else 1)
judge(
    {
        "bad-direct": _few(lambda case, session: case.service.sizes(session)),
        "bad-helper": _few(lambda case, session: case.service.listing(session)),
        "bad-response": _few(_response),
        "bad-response-generic": _few(_response),
        "good-response-generic": _few(_response),
        "bad-first-that-fits": _few(lambda case, session: case.service.busiest(session, 100)),
        "good-first-that-fits": _few(lambda case, session: case.service.titles(session, "Ada")),
        "good-options": _few(lambda case, session: case.service.sizes(session)),
        "good-one-row": _few(lambda case, session: case.service.titles(session, 1)),
        "good-mapper": _few(lambda case, session: case.service.sizes(session)),
        "good-criteria": _few(lambda case, session: case.service.of(session, 1)),
        "good-keys-of-others": _known,
        "good-back-to-the-first": _badges,
        "good-on-purpose": lambda case, session: bool(case.service.listing(session)),
    }
)
