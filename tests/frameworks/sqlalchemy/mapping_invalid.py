"""Exits with 1 when SQLAlchemy refuses to map the models of the case, or warns since 2.1 that it will."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sqlalchemy
from sqlalchemy.exc import ArgumentError, InvalidRequestError
from sqlalchemy.orm import Mapped, configure_mappers, mapped_column


def with_key(base: type) -> Any:
    return type(
        "Keyed",
        (base,),
        {"__abstract__": True, "__annotations__": {"id": Mapped[int]}, "id": mapped_column(primary_key=True)},
    )


toolkit, columns = ModuleType("toolkit"), ModuleType("toolkit.columns")
columns.intpk, columns.with_key = Annotated[int, mapped_column(primary_key=True)], with_key  # type: ignore[attr-defined]
sys.modules.update({"toolkit": toolkit, "toolkit.columns": columns})
sys.path.insert(0, ".")
since_allowed = sqlalchemy.__version__ >= "2.1"
if sys.argv[1] == "good-reserved-since-allowed" and not since_allowed:
    sys.exit(0)
try:
    with warnings.catch_warnings():
        warnings.simplefilter("error" if sys.argv[1] == "bad-reserved" else "ignore")
        import models  # noqa: F401

        configure_mappers()
except (ArgumentError, InvalidRequestError, sqlalchemy.exc.SAWarning, sqlalchemy.exc.SADeprecationWarning):
    sys.exit(1)
sys.exit(0)
