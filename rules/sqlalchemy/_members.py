"""The attributes of the mapped classes of which all are known, in the words of a backend."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.backend.members import Members, members
from cdlint.project import Project

from ._absent import attributes, has_own_constructor
from ._models import models


@provides(members)
def mapped_members(project: Project) -> tuple[Members, ...]:
    """The mapped classes that are closed."""
    found = []
    for symbol in project[models]:
        names = project[attributes, symbol]
        if names is not None:
            found.append(Members(symbol, tuple(sorted(names)), not has_own_constructor(project, symbol)))
    return tuple(found)
