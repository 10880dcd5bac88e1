"""A row is read under a name that its statement does not select.

## Why
A row has the columns that its `SELECT` lists, under the names that it gives them. Any other name
raises `IndexError: No item with that key` or KeyError when the line runs: what is left over when
a column is renamed, or dropped from the list, and the code that reads it is in another place.

## Instead
Select the column, or read the name that the statement gives it.

## Known limits
Only rows of constant statements are followed: through cursors, loops, functions that return them
and functions that they are given to. Of `SELECT *` the tables have to be known. Functions that
catch errors, or ask for the name first, are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._row_keys import Lacking, lacking


@rule(of=lacking, severity="error", constraint="query")
def row_key_not_selected(project: Project, each: Lacking) -> Iterator[Finding]:
    """One finding a key: at the read, or at the statement when others have the column."""
    if each.elsewhere:
        yield Finding(
            each.statement,
            f"The statement does not select `{each.key}`, which `{each.by.last}` reads of its rows.",
            related=(Evidence(each.read, "it is read here"),),
            symbol=f"{each.by.name}: {each.key}",
        )
        return
    yield Finding(
        each.read,
        f"`{each.key}` is read of a row, and its statement does not select it.",
        related=(Evidence(each.statement, "the statement"),),
        symbol=f"{each.by.name}: {each.key}",
    )
