"""A relation is given what it cannot take: rows at construction, or an unsaved instance.

## Why
The rows of a many-to-many or reverse relation lie in another table, which needs the key that
saving gives. `Book(tags=[...])`, `Book.objects.create(tags=...)` and `book.tags = [...]` raise
`TypeError`; `book.tags.add(tag)` before `book.save()` and `create(author=Author(...))` with an
author that nobody saved raise `ValueError`.

## Instead
Save first, then `book.tags.set([...])`; save the related instance before it is referred to.

## Known limits
Instances that were given to any other call in between count as saved, and so do those of models
whose key is not given by the database. Models with a constructor of their own are passed over.
Tests and migrations are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Finding, Location, rule

from ._querysets import Place
from ._saves_unsaved import Misuse, misuses, saving

_MESSAGES = {
    "argument": "`{model}` is made with `{name}`, whose rows can only be set once it is saved.",
    "assigned": "`{model}.{name}` is assigned, but the rows of this relation can only be set by its manager.",
    "unsaved": "`{name}.{method}()` is called on a `{model}` that is not saved yet.",
    "given": "`{model}` is created with a `{name}` that is not saved yet.",
}
_CURES = {
    "argument": "Create it first, then call `{name}.set(...)`.",
    "assigned": "Call `{name}.set(...)`.",
    "unsaved": "Call `save()` before.",
    "given": "Call `save()` on the `{name}` before.",
}


@rule(of=saving, severity="error", constraint="orm")
def unsaved_or_m2m_misuse(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a use."""
    for each in misuses(project, place):
        yield Finding(
            Location(place.path, each.at),
            _MESSAGES[each.why].format(model=_named(each), name=each.name, method=each.method),
            symbol=f"{place.qualname}:{each.why}:{_named(each)}.{each.name}",
            cure=_CURES[each.why].format(name=each.name),
        )


def _named(each: Misuse) -> str:
    return each.model.last if isinstance(each.model, Symbol) else each.model
