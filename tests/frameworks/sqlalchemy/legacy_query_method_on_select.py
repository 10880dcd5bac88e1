"""Exits with 1 when statements are asked what only a `Query` or a result answers."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from support import refused


class Base(DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "things"
    id: Mapped[int] = mapped_column(primary_key=True)

    @classmethod
    def select(cls) -> SimpleNamespace:
        return SimpleNamespace(all=list)


case = sys.argv[1]
session = Session(create_engine("sqlite://"))
sys.path.insert(0, ".")
module = importlib.import_module({"bad-repository": "repository", "bad-sqlmodel": "api"}.get(case, "queries"))
base = Base if case == "good-own-select" or case == "bad-sqlmodel" else importlib.import_module("models").Base
base.metadata.create_all(session.get_bind())
calls = {
    "bad": [module.__dict__.get("direct"), lambda: module.stepwise("x"), lambda: module.one(1)],
    "bad-repository": [lambda: module.Shelf().every(), lambda: module.Shelf().only()],
    "bad-sqlmodel": [module.__dict__.get("select")],
    "good": [lambda: module.run(session)],
    "good-executed-later": [lambda: module.run(session, True)],
    "good-own-select": [lambda: module.run(session, Thing)],
}
sys.exit(refused(calls[case], AttributeError))
