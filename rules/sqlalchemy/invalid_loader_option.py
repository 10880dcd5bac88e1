"""A loader option is a string, a column, or about a class that the statement does not select.

## Why
`selectinload("posts")` raises `ArgumentError: Strings are not accepted for attribute names in
loader options`; `select(User).options(selectinload(Post.author))` raises `Mapped class Post ...
does not apply to any of the root entities in this query`, each time the statement is executed; and
`selectinload(User.name)` cannot be applied to a column.

## Instead
Name the attribute of the class that is selected, `selectinload(User.posts)`, and go on from there:
`selectinload(User.posts).joinedload(Post.author)`.

## Known limits
Only statements about one class, built in the same function, are compared with their options;
strings are reported where SQLAlchemy 2 is in use.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Finding, Location, rule

from ._options import Misfit, misfits, places
from ._statements import Place


@rule(of=places, severity="error", constraint="query")
def invalid_loader_option(project: Project, place: Place) -> Iterator[Finding]:
    """One finding an option."""
    if is_aside(place.path):
        return
    for each in misfits(project, place):
        symbol = f"{place.qualname}:{each.option}:{each.owner}.{each.name}"
        yield Finding(Location(place.path, each.at), _message(each), symbol=symbol)


def _message(each: Misfit) -> str:
    if each.kind == "string":
        return f"`{each.option}()` is given the string `{each.name}`, and takes attributes of classes only."
    if each.kind == "column":
        return f"`{each.option}()` is given the column `{each.owner}.{each.name}`, and loads relationships only."
    option = f"`{each.option}({each.owner}.{each.name})`"
    if each.kind == "path":
        return f"{option} follows a relationship that leads to `{each.wanted}`, not to `{each.owner}`."
    return f"{option} is an option of a statement that selects `{each.wanted}`, not `{each.owner}`."
