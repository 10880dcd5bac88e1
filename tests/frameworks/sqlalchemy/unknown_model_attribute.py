"""Exits with 1 when every function of the case fails for an attribute that its model lacks."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.exc import CompileError, InvalidRequestError
from sqlalchemy.orm import Session
from support import refused


class BaseNestedSets:
    left = Column(Integer)
    level = Column(Integer)


mptt = ModuleType("sqlalchemy_mptt")
mptt.BaseNestedSets = BaseNestedSets  # type: ignore[attr-defined]
sys.modules["sqlalchemy_mptt"] = mptt
case = sys.argv[1]
sys.path.insert(0, ".")
session = Session(create_engine("sqlite://"))
home = {
    "bad-flask-mixin": "views",
    "bad-repository": "app.repository",
    "good-added-later": "views",
    "bad-instance-elsewhere": "service",
    "bad-instance-provided": "deps",
    "good-instance-provided": "deps",
    "good-base-named-again": "store",
}
module = importlib.import_module(
    home.get(case, "models" if "own" in case or "loop" in case or "base" in case else "queries")
)
models = importlib.import_module("app.models" if case == "bad-repository" else "models")
if hasattr(models, "db"):
    from flask import Flask

    app = Flask("case")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    models.db.init_app(app)
    app.app_context().push()
    models.db.create_all()
else:
    models.Base.metadata.create_all(session.get_bind())
if case.startswith(("bad-instance", "bad-row", "good-instance", "good-row")):
    if hasattr(models, "User"):
        session.add(models.User(name="a", posts=[models.Post(title="One")]))
    elif hasattr(models, "Site"):
        session.add(models.Site(name="x", status="up"))
    else:
        session.add(models.Worker(badge="x"))
    session.commit()


def published() -> None:
    """Publish the post and read what is stored."""
    module.publish(session)
    session.expire_all()
    if session.get(models.Post, 1).status != "published":
        raise AttributeError("nothing was stored")


calls = {
    "bad": lambda: [
        lambda: module.find(session, "x"),
        lambda: module.named(session, "x"),
        lambda: module.rename(session, "x"),
    ],
    "bad-instance": lambda: [lambda f=f: f(session) for f in (module.one, module.authors, module.titles)],
    "bad-instance-elsewhere": lambda: [lambda: module.greet(session), lambda: module.listed(session)],
    "bad-instance-set": lambda: [published],
    "bad-instance-provided": lambda: [
        lambda: module.active(module.current("a", session)),
        lambda: module.staff(module.current("a", session)),
    ],
    "good-instance-provided": lambda: [
        lambda: module.active(module.current(1, session)),
        lambda: module.named(module.row(1, session)),
    ],
    "bad-static-method": lambda: [lambda: module.Rows().show([models.Parcel(id=1, weight=2)])],
    "good-base-named-again": lambda: [lambda: module.names().all()],
    "bad-row": lambda: [lambda: module.counted(session), lambda: module.newest(session)],
    "bad-flask-mixin": lambda: [module.newest, lambda: module.start("x"), lambda: module.to("x")],
    "bad-repository": lambda: [lambda: module.Books(session).by_author("x"), module.Books(session).twice],
    "bad-generic": lambda: [module.Users(session).newest, lambda: module.Tags(session).by("x")],
    "good-generic-switched": lambda: [lambda: module.Users(session).rows(), lambda: module.Tags(session).rows()],
    "good-generic": lambda: [module.Users(session).newest, lambda: module.Tags(session).named("x")],
    "bad-table": lambda: [
        lambda: module.named(session, "x"),
        lambda: module.rename(session, "x"),
        lambda: module.add(session, "x"),
        lambda: module.cities(session),
    ],
    "good-table": lambda: [
        lambda: module.named(session, "x"),
        lambda: module.rename(session, "x"),
        lambda: module.shown(session),
    ],
    "good": lambda: [lambda: module.all_of(session), lambda: module.joined(session)],
    "good-added-later": lambda: [module.shown, lambda: module.other([])],
    "good-instance": lambda: [
        lambda: module.one(session),
        lambda: module.either(session),
        lambda: list(module.both(session)),
        lambda: module.names(session),
    ],
    # SQLAlchemy 2.0 takes the annotation for that of a single row.
    "good-relationship-property": lambda: [lambda: module.add],
    "good-instance-given": lambda: [lambda: module.counted(session), lambda: module.marked(session)],
    "good-instance-promised": lambda: [lambda: module.shown(session)],
    "good-instance-subclass": lambda: [lambda: module.badges(session)],
    "good-instance-template": lambda: [lambda: module.shown(session)],
    "good-instance-dumped": lambda: [lambda: module.shown(session)],
    "good-row": lambda: [lambda: module.counted(session), lambda: module.whole(session)],
    "good-class-made-for-a-class": lambda: [lambda: module.labels(session)],
    "good-class-made-by-declared-attr": lambda: [lambda: module.marked(session, "x")],
    "bad-row-of-a-connection": lambda: [lambda: module.shown(session.connection())],
    "good-row-of-a-connection": lambda: [lambda: module.shown(session.connection())],
    "good-row-of-a-module": lambda: [
        lambda: module.titles(session),
        lambda: module.author(session, "One"),
        lambda: module.ids(session),
    ],
    "good-outside-base": lambda: [module.tree],
    "good-own-constructor": lambda: [lambda: module.make(session, "x")],
    "good-set-in-a-loop": lambda: [lambda: module.first(session)],
}
sys.exit(refused(calls[case](), AttributeError, InvalidRequestError, CompileError, TypeError))
