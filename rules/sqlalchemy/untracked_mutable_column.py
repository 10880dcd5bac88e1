"""A list or dict in a column is changed in place, which the session does not see.

## Why
SQLAlchemy notices that an attribute is assigned, not that the value in it changes.
`document.data["key"] = 1` on a plain `JSON`, `ARRAY` or `PickleType` column changes the object in
memory only: the commit writes nothing, and the change is gone with the next load.

## Instead
Declare the column as `MutableDict.as_mutable(JSON)`, assign a new value
(`document.data = {**document.data, "key": 1}`), or call `flag_modified(document, "data")`.

## Known limits
A function that assigns the attribute or calls `flag_modified` anywhere is passed over, and so are
changes inside nested values of a column that is tracked.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, rule

from ._state import unseen_changes
from ._state_run import Seen


@rule(of=unseen_changes, severity="error", constraint="orm")
def untracked_mutable_column(project: Project, each: Seen) -> Iterator[Finding]:
    """One finding a change."""
    name = f"{each.cls.last}.{each.name}"
    yield Finding(
        each.at,
        f"`{name}` is changed in place (`{each.why}`), which the session does not see: the change is not saved.",
        related=(Evidence(each.origin, "the instance comes from here"),),
        chain=each.chain,
        symbol=name,
        cure=f"Assign a new value to `{each.name}`, or make its column with `MutableDict.as_mutable(...)`.",
    )
