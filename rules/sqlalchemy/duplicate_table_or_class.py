"""Two mapped classes define the same table in one metadata.

## Why
A metadata holds each table once. When the second class is imported, SQLAlchemy raises
`Table 'users' is already defined for this MetaData instance`, and the program does not start.

## Instead
Keep one of the classes and import it where the other one was used. Two classes for one table
inherit from each other, or share it through `__table__`.

## Known limits
Only classes whose table name, schema and metadata are known and whose modules are certainly
imported by the same program are compared; `extend_existing` and `keep_existing` are respected.
Bare `Table(...)` objects are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._mapping import twice
from ._models import model


@rule(of=twice, severity="error", constraint="orm")
def duplicate_table_or_class(project: Project, pair: tuple[Symbol, Symbol]) -> Iterator[Finding]:
    """One finding a class."""
    later, first = project[model, pair[0]], project[model, pair[1]]
    if later is not None and first is not None:
        yield Finding(
            Location(later.symbol.path, later.at),
            f"`{later.symbol.last}` defines the table `{later.table}`, which `{first.symbol.last}` defines as well.",
            related=(Evidence(Location(first.symbol.path, first.at), f"`{later.table}` is defined here"),),
            symbol=f"{later.symbol.name}:{later.table}",
            cure=f"Keep one of the two classes, or give one of them another `__tablename__` than `{later.table}`.",
        )
