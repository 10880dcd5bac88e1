"""Exits with 1 when FastAPI cannot read what the handler returns into the response model."""

from __future__ import annotations

import sys

from fastapi.exceptions import ResponseValidationError
from filled import case, decide, fill, status


def _answers() -> bool:
    models = case("models")
    fill(models.Base, models.engine, models.User(name="a"))
    return status("/users/1", raises=True) == 200


decide({sys.argv[1]: _answers}, ResponseValidationError)
