"""The code calls what SQLAlchemy 1.x had and 2.0 has removed.

## Why
`engine.execute()`, `select([...])`, `case([...])`, `MetaData(bind=...)`, `Query.join("name")`,
`sessionmaker(autocommit=True)` and their like raise `AttributeError`, `TypeError` or
`ArgumentError` under SQLAlchemy 2.0, each time they run.

## Instead
Use what the finding names: a connection or a session to execute, columns and cases as separate
arguments, attributes instead of strings, parameters of a statement as a dict.

## Known limits
Asked only where SQLAlchemy 2 is in use: pinned, required, needed by what is imported, or
not limited at all. Row objects that are used like dicts are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside
from cdlint.rule import Finding, Location, rule

from ._removed import gone, is_asked, places
from ._statements import Place


@rule(of=places, severity="error", constraint="startup")
def removed_1x_api(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a call."""
    if is_aside(place.path):
        return
    function = project[functions_of, place.path][place.qualname]
    for each in gone(project, place):
        if is_asked(function, each.at):
            continue
        yield Finding(
            Location(place.path, each.at),
            f"{each.what} is not there in SQLAlchemy 2.0.",
            symbol=f"{place.qualname}:{each.what}",
            cure=f"Use {each.instead}." if each.instead else "",
        )
