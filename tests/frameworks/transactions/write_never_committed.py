"""Exits with 1 when what the case writes cannot be seen by another connection."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
SHOWING = ("good-not-a-column", "good-shown", "good-shown-by-service", "good-shown-taken-out")
METHODS = {"bad-changed-attribute": "PATCH", "bad-changed-by-service": "PUT"}


def client():
    from fastapi.testclient import TestClient
    from main import app

    return TestClient(app)


def post() -> None:
    with client() as asked:
        assert asked.post("/plants", params={"name": "fern"}).status_code == 200


def change(method: str, url: str, **params: str) -> None:
    with client() as asked:
        database = sqlite3.connect("plants.db")
        database.execute("insert into plants (id, name) values (1, 'moss')" if "s/" in url else
                         "insert into plant (id, name) values (1, 'moss')")  # fmt: skip
        database.commit()
        database.close()
        assert asked.request(method, url, params=params).status_code == 200


def run(case: str) -> None:
    if "flask" in case:
        from app import create_app

        assert create_app().test_client().post("/plants", json={"name": "fern"}).status_code == 201
    elif "unit" in case:
        from services import add_plant

        assert add_plant("fern")
    elif case in ("bad-made-here", "good-begin-block", "good-session-of-an-instance") or "connection" in case:
        from load import load

        load(["fern"])
    elif "early" in case:
        change("PUT", "/plants", name="moss", title="fern")
    elif case.startswith("bad-changed") or case in SHOWING:
        change(METHODS.get(case, "GET"), "/plants/1", name="fern", user="fern")
    else:
        post()


run(sys.argv[1])
path = next(Path.cwd().rglob("plants.db"))
tables = [row[0] for row in sqlite3.connect(path).execute("select name from sqlite_master where name like 'plant%'")]
names = [row[0] for row in sqlite3.connect(path).execute(f"select name from {tables[0]}")]
sys.exit(0 if "fern" in names or sys.argv[1] in SHOWING else 1)
