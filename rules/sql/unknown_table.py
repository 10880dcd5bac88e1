"""A statement names a table, an alias or a column that is not there.

## Why
The database looks names up when the statement runs: `no such column: a.favorited`, `missing
FROM-clause entry for table "u"`, `relation "article" does not exist`. No type checker reads SQL.

## Instead
Use the names as the models or `CREATE TABLE` of the repository define them, and add what is
missing there first.

## Known limits
Only constant statements are read, and only columns of tables whose columns are all known. That a
table is missing is said only where the repository creates one of nearly the same name, and all that it
creates is known: libraries may bring tables of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._parsed import Lack, lacks
from ._sites import Place, executing


@rule(of=executing, severity="error", constraint="query")
def unknown_table(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a name."""
    for each in project[lacks, place]:
        if each.kind == "syntax":
            continue
        related: tuple[Evidence, ...] = ()
        if each.declared is not None:
            line = each.declared[1]
            related = (Evidence(Location(each.declared[0], (line, 0, line, 0)), f"`{each.of}` is created here"),)
        symbol = f"{place.qualname}:{each.kind}:{each.of}.{each.name}"
        yield Finding(Location(place.path, each.at), _message(each), related=related, symbol=symbol)


def _message(each: Lack) -> str:
    if each.kind == "table":
        return f"The statement names a table `{each.name}`, which nothing in the repository creates."
    if each.kind == "alias":
        return f"The statement reads `{each.name}.{each.of}`, and no table in it is called `{each.name}`."
    if "`" in each.of:
        return f"The statement names a column `{each.name}`, which none of its tables `{each.of}` has."
    return f"The statement names a column `{each.name}`, which the table `{each.of}` does not have."
