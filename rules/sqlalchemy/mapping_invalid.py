"""A class cannot be mapped: no key, a column without `Mapped[...]`, a reserved or an unknown name.

## Why
SQLAlchemy looks at a class when Python defines it. Without a primary key it raises
`could not assemble any primary key columns`; for `id: int = mapped_column(...)` it raises
`MappedAnnotationError`; before 2.1 an attribute `metadata` is refused as reserved. A constraint or a
relationship that names by a string a column that is not there is refused when tables are made or the
first query runs. Nothing that imports the module can start.

## Instead
Mark a column with `primary_key=True`, write the annotation as `Mapped[int]`, and give a reserved
attribute another name: `meta: Mapped[dict] = mapped_column("metadata", JSON)`.

## Known limits
Only classes whose columns and bases are all known are looked at. `metadata` is reported only when
the version of SQLAlchemy is known to be older than 2.1. Quoted annotations and those on
relationships are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Finding, Location, rule

from ._mapping import Fault, faults
from ._models import models
from ._spelled import spelled


@rule(of=models, severity="error", constraint="orm")
def mapping_invalid(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a fault."""
    for each in faults(project, cls):
        message, cure = _words(each)
        yield Finding(
            Location(each.owner.path, each.at), message, symbol=f"{each.owner.name}:{each.kind}:{each.name}", cure=cure
        )
    for owner, name, at in spelled(project, cls) if not is_aside(cls.path) else ():
        yield Finding(
            Location(cls.path, at),
            f"The string names `{owner}.{name}`, and `{owner}` has no such column.",
            symbol=f"{cls.name}:spelled:{owner}.{name}",
        )


def _words(each: Fault) -> tuple[str, str]:
    owner = each.owner.last
    if each.kind == "key":
        return (
            f"`{owner}` has a table, `{each.name}`, and no column of it is a primary key.",
            "Give one column `primary_key=True`.",
        )
    if each.kind == "annotation":
        cure = f"Write `{each.name}: Mapped[{each.written}] = mapped_column(...)`." if each.written else ""
        return f"The annotation of the column `{owner}.{each.name}` is not `Mapped[...]`.", cure
    return (
        f"`{owner}.metadata` uses a name that is reserved in mapped classes.",
        'Name the attribute otherwise and keep the column: `mapped_column("metadata", ...)`.',
    )
