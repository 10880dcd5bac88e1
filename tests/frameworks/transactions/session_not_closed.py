"""Exits with 1 when the pool of the case, of one connection, runs dry after a few requests."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))
gc.disable()

import main
from models import SessionLocal
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

KEPT: list[Session] = []
made = Session.__init__


def keep(self: Session, *args: object, **kwargs: object) -> None:
    """Hold on to every session, as a reference cycle would."""
    KEPT.append(self)
    made(self, *args, **kwargs)


Session.__init__ = keep  # type: ignore[method-assign]


def ask(url: str) -> int:
    if hasattr(main.app, "test_client"):
        main.app.testing = True
        return int(main.app.test_client().get(url).status_code)
    from fastapi.testclient import TestClient

    return int(TestClient(main.app).get(url).status_code)


assert SessionLocal
try:
    answers = [ask(url) for url in ("/tags?fail=1", "/tags?fail=1", "/tags?fail=1")]
except PoolTimeout:
    sys.exit(1)
sys.exit(0 if {200, 404}.issuperset(answers) else 2)
