"""Code names an attribute, a column or a keyword argument that the mapped class does not have.

## Why
`User.email` on a class without `email` raises `AttributeError` when the line runs;
`User(email=...)` raises `TypeError`, and `filter_by(email=...)`, `values(email=...)` and
`order_by("email")` raise when the statement is built or executed. Type checkers see the first
form only: keyword arguments and strings escape them. `user.email` of an instance, or of a row that
was selected without it, fails the same way, and `user.emial = ...` is kept by no column: what it was
given is gone when the request ends.

## Instead
Use the name that the class has, join the class that has the column, or add the column together
with a migration.

## Known limits
A class is looked at only when all its attributes are known: classes with bases from other
packages, with a metaclass, reflected or imperatively mapped tables, or attributes set in a loop
are passed over. Keyword arguments of a class with its own `__init__` are not looked at, and
neither are those of SQLModel, which drops unknown ones. Of instances, what is set is reported only
where the name is like a column's and nothing else ever mentions it; of rows, only those whose
columns all have names. Tests are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._absent import attributes, is_given_later
from ._attribute_uses import lacks, missing, naming
from ._generic_uses import generic, generic_reads
from ._instance_uses import holding, wrong_uses
from ._models import model
from ._registry import close_to, destination, lineage
from ._statements import Place
from ._table_uses import lacking, tabling

_MESSAGES = {
    "read": "`{cls}` has no attribute `{name}`.",
    "argument": "`{cls}(...)` is given `{name}`, which is no attribute of the class.",
    "filter_by": "`filter_by({name}=...)` asks for an attribute that `{cls}` does not have.",
    "values": "The statement sets `{name}`, which is no column of `{cls}`.",
    "order_by": '`order_by("{name}")` names no column of `{cls}`.',
    "instance": "`{cls}` has no attribute `{name}`, which is read of an instance.",
    "set": "`{name}` is set on an instance of `{cls}`, which has no such column: the value is never stored.",
    "row": "The statement behind this row selects no `{name}`.",
}
_OF_TABLES = {
    "column": "The table `{table}` has no column `{name}`.",
    "values": "The statement sets `{name}`, which is no column of the table `{table}`.",
    "table": "`{name}` is read of the table `{table}` itself, whose columns are under `.c`.",
}


def places(project: Project) -> tuple[Place, ...]:
    """The functions that may name such an attribute."""
    return tuple(dict.fromkeys((*naming(project), *holding(project), *project[tabling], *project[generic])))


@rule(of=places, severity="error", constraint="query")
def unknown_model_attribute(project: Project, place: Place) -> Iterator[Finding]:
    """One finding a use."""
    for each in (*missing(project, place), *wrong_uses(project, place)):
        found = project[model, each.cls] if each.cls is not None else None
        name = each.cls.last if each.cls is not None else "row"
        evidence = Evidence(Location(found.symbol.path, found.at), f"`{name}` is defined here") if found else None
        yield Finding(
            Location(place.path, each.at),
            _MESSAGES[each.kind].format(cls=name, name=each.name),
            related=(evidence,) if evidence is not None else (),
            symbol=f"{place.qualname}:{name}.{each.name}:{each.kind}",
            cure=_cure(project, each.cls, each.name) if each.cls is not None else "Add the column to the statement.",
        )

    yield from _of_tables(project, place)
    yield from _of_generic(project, place)


def _of_generic(project: Project, place: Place) -> Iterator[Finding]:
    for known, name, at in generic_reads(project, place):
        if all(lacks(project, each, name) for each in known) and not project[is_given_later, name]:
            names = " nor ".join(f"`{each.last}`" for each in known)
            lacking = f"Neither {names} has an" if len(known) > 1 else f"{names} has no"
            text = f"{lacking} attribute `{name}`, which is read of the model that the class is for."
            yield Finding(Location(place.path, at), text, symbol=f"{place.qualname}:model.{name}")


def _of_tables(project: Project, place: Place) -> Iterator[Finding]:
    for each in project[lacking, place]:
        table, variable = each.table, each.table.variable
        held = variable.name.rpartition(".")[2] if variable is not None else ""
        near = close_to(each.name, {column.name or "" for column in table.columns})
        yield Finding(
            Location(place.path, each.at),
            _OF_TABLES[each.kind].format(table=table.name or held, name=each.name),
            related=(Evidence(Location(table.path, table.at), "the table is defined here"),),
            symbol=f"{place.qualname}:{held}.{each.name}:{each.kind}",
            cure=f"Use `{held}.c.{each.name}`." if each.kind == "table" else f"Did you mean `{near}`?" if near else "",
        )


def _cure(project: Project, cls: Symbol, name: str) -> str:
    related = _related(project, cls, name)
    if related:
        return related
    known = project[attributes, cls]
    near = close_to(name, known) if known is not None else ""
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
