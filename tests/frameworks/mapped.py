"""What the scripts about mappings share: the modules of a case imported, and all tables that they make."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from sqlalchemy import MetaData, Table

sys.path.insert(0, ".")


def modules() -> list[ModuleType]:
    """The modules of the case."""
    paths = [path for path in sorted(Path().rglob("*.py")) if path.stem != "__init__"]
    return [importlib.import_module(".".join(path.with_suffix("").parts)) for path in paths]


def tables(*of: ModuleType) -> Iterator[Table]:
    """The tables of all metadata that modules hold, or the bases and databases in them."""
    values = [each for module in of for each in vars(module).values()]
    found = {id(each): each for value in values if isinstance(each := getattr(value, "metadata", value), MetaData)}
    for each in found.values():
        yield from each.tables.values()
