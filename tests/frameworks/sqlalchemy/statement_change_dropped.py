"""Exits with 1 when rows are found that the case says it leaves out."""

from __future__ import annotations

import sys

from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from stored import Lazily

case = Lazily()


def _titles(given):
    models = case.models
    engine = create_engine("sqlite://")
    models.Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([models.Note(title="seen"), models.Note(title="hidden", hidden=True)])
        session.commit()
        return given(session) == ["seen"]


def _flask():
    import flask

    app = flask.Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db, note = case.models.db, case.models.Note
    db.init_app(app)
    with app.app_context():
        db.create_all()
        db.session.add_all([note(title="seen"), note(title="hidden", hidden=True)])
        db.session.commit()
        return case.views.listing() == ["seen"]


CASES = {
    "bad-flask": _flask,
    "bad-repository": lambda: _titles(lambda session: case.service.Notes(session).titles()),
}
sys.exit(0 if CASES.get(sys.argv[1], lambda: _titles(case.service.titles))() else 1)
