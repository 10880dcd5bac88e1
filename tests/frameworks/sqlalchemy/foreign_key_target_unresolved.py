"""Exits with 1 when a foreign key of the case leads nowhere. Models of migrations only have to be queried.

`accounts` stands in for a package with models of its own on the base of the case.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mapped import modules, tables
from sqlalchemy import Column, Integer, select
from sqlalchemy.exc import NoReferencedColumnError, NoReferencedTableError


class Accounts(ModuleType):
    """The package: its models are made when the first is asked for."""

    def __getattr__(self, name: str) -> type:
        """A model on the base of the case."""
        if name.startswith("_"):
            raise AttributeError(name)
        base = importlib.import_module("base").Base
        for each in ("User", "Group"):
            columns = {"__tablename__": f"accounts_{each.lower()}", "id": Column(Integer, primary_key=True)}
            setattr(self, each, type(each, (base,), columns))
        made: type = vars(self)[name]
        return made


sys.modules["accounts"] = Accounts("accounts")
found = modules()
try:
    for table in tables(*found):
        if any(hasattr(module, "down_revision") for module in found):
            print(select(table))
        else:
            print(*(key.column for key in table.foreign_keys))
except (NoReferencedTableError, NoReferencedColumnError) as error:
    print(error)
    sys.exit(1)
