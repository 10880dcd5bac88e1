"""A list, dict or set is the default of a column or a parameter and is shared by all rows or calls.

## Why
`default=[]` is one list, made on import. The first row that appends to its own list appends to
the default as well, and later rows begin with what others left behind. A parameter's default that
the function changes grows from call to call in the same way, across requests and users.

## Instead
Give the callable (`default=list`, `default=dict`, `default=lambda: {"a": 1}`), or take `None`
and make the object in the body.

## Known limits
Fields of Django models, and columns of SQLAlchemy if code that imports the class changes in
place what the attribute holds: whoever only assigns new objects shares nothing. Pydantic,
SQLModel and dataclasses copy their defaults or refuse them. A parameter is reported when the
function, a method of its class through `self`, or a function that it passes it to changes the
object; names such as `cache` and `memo` are taken as meant. Migrations and tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._mutable import Shared, shared, shared_files


@rule(of=shared_files, severity="error", constraint="schema")
def mutable_default_shared(project: Project, path: str) -> Iterator[Finding]:
    """One finding a default."""
    for each in project[shared, path]:
        default = each.default
        symbol = f"{default.owner}.{default.name}"
        if each.changed is not None:
            yield Finding(
                Location(path, default.value.at),
                f"All calls of `{default.owner}` share the {each.kind} that parameter `{default.name}` defaults to,"
                " and it is changed.",
                related=(Evidence(Location(*each.changed), "it is changed here"),),
                symbol=symbol,
                cure=f"Take `None` as the default and make the {each.kind} in the body.",
            )
        else:
            of = f"`{symbol}`" if default.owner else f"column `{default.name}`"
            yield Finding(
                Location(path, default.value.at),
                f"The default of {of} is one {each.kind} that all rows share.",
                symbol=symbol,
                cure=_cure(each),
            )


def _cure(each: Shared) -> str:
    value = each.default.value
    empty = not (getattr(value, "items", None) or getattr(value, "args", None) or getattr(value, "keywords", None))
    return f"Write `default={each.kind}`." if empty else f"Give a function that makes the {each.kind}."
