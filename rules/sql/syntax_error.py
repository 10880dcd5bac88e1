"""SQL that the database of the repository cannot parse.

## Why
A misplaced comma or a missing word in a statement is found when the statement first runs.

## Instead
Correct the statement where the finding says that it stops making sense.

## Known limits
Only constant SELECT, INSERT, UPDATE and DELETE statements are parsed, where the database is
known. The parser knows the common dialects, and not each extension of each database.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._parsed import lacks
from ._sites import Place, executing


@rule(of=executing, severity="error", constraint="query")
def syntax_error(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a statement."""
    for each in project[lacks, place]:
        if each.kind == "syntax":
            near = each.name.splitlines()[0]
            yield Finding(
                Location(place.path, each.at),
                f"The statement is no SQL: it cannot be read at `{near}`.",
                symbol=f"{place.qualname}:{near}",
            )
