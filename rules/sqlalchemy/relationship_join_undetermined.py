"""A relationship between two classes that no foreign key links, or more than one.

## Why
Without `primaryjoin` SQLAlchemy joins the two tables by their foreign keys. With none it raises
`NoForeignKeysError`, with several `AmbiguousForeignKeysError`, when the mappers are configured:
at the first query or object of any model.

## Instead
Give the table that belongs to the other a `ForeignKey`. Where there are several, say which one
is meant: `relationship("User", foreign_keys=[author_id])`; between two rows of one table, say
`primaryjoin` and `secondaryjoin` as well.

## Known limits
Only classes whose columns are all known are looked at, and none that inherit from another
mapped class. Composite foreign keys count as known but are never called ambiguous.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._joins import Join, Key, Side, given, join
from ._models import model, models
from ._relations import RelationFact


@rule(of=models, severity="error", constraint="orm")
def relationship_join_undetermined(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a relationship."""
    source = project[model, cls]
    for relation in source.relations if source is not None and not is_aside(cls.path) else ():
        if relation.owner != cls or given(relation, "primaryjoin"):
            continue
        found = project[join, (cls, relation.name)]
        if found is None:
            continue
        if found.between is not None:
            yield from _through(cls, relation, found, found.between)
        else:
            yield from _direct(cls, relation, found)


def _direct(cls: Symbol, relation: RelationFact, found: Join) -> Iterator[Finding]:
    same = found.source.name == found.target.name
    keys = found.forth if same else (*found.forth, *found.back)
    if not keys:
        yield _missing(cls, relation, found.source, found.target)
    elif len(keys) > 1 and not (found.source.composite or found.target.composite or given(relation, "foreign_keys")):
        yield _several(cls, relation, keys, f"`{found.source.name}` and `{found.target.name}`", "foreign_keys=[...]")


def _through(cls: Symbol, relation: RelationFact, found: Join, between: Side) -> Iterator[Finding]:
    if given(relation, "secondaryjoin", "foreign_keys"):
        return
    for side in dict.fromkeys((found.source, found.target)):
        keys = tuple(each for each in between.keys if each.target == side.name)
        back = tuple(each for each in side.keys if each.target == between.name)
        if not keys and not back:
            yield _missing(cls, relation, between, side)
        elif len(keys) + len(back) > 1 and not (between.composite or side.composite):
            names = f"`{between.name}` and `{side.name}`"
            yield _several(cls, relation, (*keys, *back), names, "primaryjoin=` and `secondaryjoin=")


def _missing(cls: Symbol, relation: RelationFact, one: Side, other: Side) -> Finding:
    tables = f"`{one.name}` to `{other.name}`" if one.name != other.name else f"`{one.name}` to itself"
    turned = ", nor the other way round" if one.name != other.name else ""
    return Finding(
        Location(relation.path, relation.at),
        f"Nothing says how `{cls.last}.{relation.name}` joins: no foreign key leads from {tables}{turned}.",
        symbol=f"{cls.name}.{relation.name}",
        cure="Add a column with `ForeignKey(...)` between the two tables.",
    )


def _several(cls: Symbol, relation: RelationFact, keys: tuple[Key, ...], tables: str, cure: str) -> Finding:
    names = ", ".join(f"`{each.column.name}`" for each in keys)
    return Finding(
        Location(relation.path, relation.at),
        f"`{cls.last}.{relation.name}` does not say by which foreign key it joins: between {tables} there are {names}.",
        related=tuple(Evidence(Location(each.column.path, each.column.at), f"to `{each.target}`") for each in keys),
        symbol=f"{cls.name}.{relation.name}",
        cure=f"Say which one is meant: `{cure}`.",
    )
