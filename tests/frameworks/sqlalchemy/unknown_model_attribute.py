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
home = {"bad-flask-mixin": "views", "bad-repository": "app.repository", "good-added-later": "views"}
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
calls = {
    "bad": lambda: [
        lambda: module.find(session, "x"),
        lambda: module.named(session, "x"),
        lambda: module.rename(session, "x"),
    ],
    "bad-flask-mixin": lambda: [module.newest, lambda: module.start("x"), lambda: module.to("x")],
    "bad-repository": lambda: [lambda: module.Books(session).by_author("x"), module.Books(session).twice],
    "good": lambda: [lambda: module.all_of(session), lambda: module.joined(session)],
    "good-added-later": lambda: [module.shown, lambda: module.other([])],
    "good-outside-base": lambda: [module.tree],
    "good-own-constructor": lambda: [lambda: module.make(session, "x")],
    "good-set-in-a-loop": lambda: [lambda: module.first(session)],
}
sys.exit(refused(calls[case](), AttributeError, InvalidRequestError, CompileError, TypeError))
