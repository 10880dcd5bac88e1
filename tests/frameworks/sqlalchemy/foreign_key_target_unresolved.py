"""Exits with 1 when a foreign key of the case leads nowhere. Models of migrations only have to be queried."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mapped import modules, tables
from sqlalchemy import select
from sqlalchemy.exc import NoReferencedColumnError, NoReferencedTableError

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
