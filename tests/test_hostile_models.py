"""Models and routes that no tool could resolve are listed as unknown, at once, and nothing else is lost."""

from __future__ import annotations

from pathlib import Path

from cdlint.inspect import models, routes

from .conftest import opened

MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()

class First(Second, Base): ...
class Second(First): ...

class Naming(type): ...

class Named(Base, metaclass=Naming):
    id = Column(Integer, primary_key=True)

class Once(Base):
    __tablename__ = "t"
    id = Column(Integer, primary_key=True)

class Twice(Base):
    __tablename__ = "t"
    id = Column(Integer, primary_key=True)
"""
ROUTES = """
import os
from fastapi import APIRouter, FastAPI

app = FastAPI()

def handler(): ...
def again(n): return again(n + 1)

for name in os.environ["ROUTES"].split(","):
    app.add_api_route("/" + name, handler)

MANY = [{}]
for number in MANY:
    app.add_api_route(f"/{{number}}", handler)

router = APIRouter()
router.add_api_route("/inner", handler)
app.include_router(router, prefix=again(0))

@app.get("/ok")
def ok(): ...
"""


def test_models(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(MODELS)
    session = opened(tmp_path)
    found = models.answer(session.project)
    assert [(each["model"], each["table"]) for each in found["models"] if each["table"]] == [
        ("m.Once", "t"),
        ("m.Twice", "t"),
    ]
    assert [each["what"] for each in found["unknown"]] == ["table of `First`", "table of `Second`", "table of `Named`"]
    report = session.report()
    assert [each.rule for each in report.diagnostics] == ["sqlalchemy/duplicate-table-or-class"]
    assert not report.notices


def test_routes(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(ROUTES.format(", ".join(map(str, range(100_000)))))
    found = routes.answer(opened(tmp_path).project)
    assert [each["path"] for each in found["routes"]] == ["/ok"]
    assert len({each["line"] for each in found["unknown"]}) == 3


def test_code_without_end_is_said_and_silences_what_it_may_hold(tmp_path: Path) -> None:
    calls = "".join(f"app.add_api_route('/r{number}', x)\n" for number in range(30_000))
    head = "from fastapi import APIRouter, FastAPI\n\napp = FastAPI()\nrouter = APIRouter()\n\n"
    route = "@router.get('/x')\ndef x(): ...\n\n"
    (tmp_path / "m.py").write_text(f"{head}{route}{calls}app.include_router(router)\n")
    session = opened(tmp_path)
    assert not session.report().diagnostics
    unknown = routes.answer(session.project)["unknown"]
    assert [each["why"] for each in unknown] == ["it takes more steps than are followed"]
