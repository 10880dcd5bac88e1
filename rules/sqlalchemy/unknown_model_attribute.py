"""Code names an attribute, a column or a keyword argument that the mapped class does not have.

## Why
`User.email` on a class without `email` raises `AttributeError` when the line runs;
`User(email=...)` raises `TypeError`, and `filter_by(email=...)`, `values(email=...)` and
`order_by("email")` raise when the statement is built or executed. Type checkers see the first
form only: keyword arguments and strings escape them.

## Instead
Use the name that the class has, join the class that has the column, or add the column together
with a migration.

## Known limits
A class is looked at only when all its attributes are known: classes with bases from other
packages, with a metaclass, reflected or imperatively mapped tables, or attributes set in a loop
are passed over. Keyword arguments of a class with its own `__init__` are not looked at, and
neither are those of SQLModel, which drops unknown ones. Attributes of instances are not looked
at. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._absent import attributes
from ._attribute_uses import Missing, missing, naming
from ._models import model
from ._registry import close_to, destination, lineage
from ._statements import Place

_MESSAGES = {
    "read": "`{cls}` has no attribute `{name}`.",
    "argument": "`{cls}(...)` is given `{name}`, which is no attribute of the class.",
    "filter_by": "`filter_by({name}=...)` asks for an attribute that `{cls}` does not have.",
    "values": "The statement sets `{name}`, which is no column of `{cls}`.",
    "order_by": '`order_by("{name}")` names no column of `{cls}`.',
}


@rule(of=naming, severity="error", constraint="query")
def unknown_model_attribute(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a use."""
    for each in missing(project, place):
        found = project[model, each.cls]
        evidence = Evidence(Location(each.cls.path, found.at), f"`{each.cls.last}` is defined here") if found else None
        yield Finding(
            Location(place.path, each.at),
            _MESSAGES[each.kind].format(cls=each.cls.last, name=each.name),
            related=(evidence,) if evidence is not None else (),
            symbol=f"{place.qualname}:{each.cls.last}.{each.name}:{each.kind}",
            cure=_cure(project, each),
        )


def _cure(project: Project, each: Missing) -> str:
    related = _related(project, each.cls, each.name)
    if related:
        return related
    known = project[attributes, each.cls]
    near = close_to(each.name, known) if known is not None else ""
    return f"Did you mean `{near}`?" if near else ""


def _related(project: Project, cls: Symbol, name: str) -> str:
    """The related class that does have the attribute."""
    for owner in project[lineage, cls]:
        source = project[model, owner]
        for relation in source.relations if source is not None else ():
            target = destination(project, source, relation) if source is not None else None
            other = project[model, target] if target is not None else None
            if target is not None and other is not None and name in other.names:
                return f"Use `{target.last}.{name}`, and join it through `{cls.last}.{relation.name}`."
    return ""
