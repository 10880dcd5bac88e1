"""Exits with 1 when the mappers of the case cannot be configured, for a name that means nothing."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mapped import modules
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.orm import configure_mappers

modules()
try:
    configure_mappers()
except (ArgumentError, InvalidRequestError) as error:
    said = " ".join(str(error).split())
    print(said)
    sys.exit(1 if "failed to locate a name" in said or "expects a class or a mapper" in said else 2)
