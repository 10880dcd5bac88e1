"""Two relationships are the two directions of one foreign key and do not know of each other.

## Why
Each writes the key by itself. What is set on one side is not seen on the other until it is read
again, the later of two contradicting changes wins, and SQLAlchemy warns: `relationship X will
copy column Q to column P, which conflicts with relationship(s): Y`.

## Instead
Let each name the other: `posts = relationship("Post", back_populates="author")` with
`author = relationship("User", back_populates="posts")`. One that is only read is `viewonly=True`.

## Known limits
Only classes whose columns are all known are looked at, linked by one foreign key or one
association table; relationships with a condition of their own are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._joins import Join, direction, is_plain, join
from ._models import model, models
from ._relations import RelationFact


@rule(of=models, severity="warning", constraint="orm")
def unlinked_bidirectional_relationship(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a pair, at the side that holds the key."""
    source = project[model, cls]
    for relation in source.relations if source is not None and not is_aside(cls.path) else ():
        if relation.owner != cls or not _is_alone(relation):
            continue
        found = project[join, (cls, relation.name)]
        way = direction(found, relation) if found is not None else ""
        other = _opposite(project, cls, found, way) if found is not None and way else None
        if found is not None and other is not None:
            yield _finding(cls, relation, found.end, other)


def _is_alone(relation: RelationFact) -> bool:
    return relation.back_populates == "" and relation.backref == "" and is_plain(relation) and not relation.one_way


def _opposite(project: Project, cls: Symbol, found: Join, way: str) -> RelationFact | None:
    """The relationship of the other class over the same key."""
    wanted = {"many-to-one": "one-to-many", "many-to-many": "many-to-many"}.get(way)
    other = project[model, found.end]
    if other is None or wanted is None or found.end == cls or (wanted == way and found.end < cls):
        return None
    for each in other.relations:
        back = project[join, (found.end, each.name)] if each.owner == found.end and _is_alone(each) else None
        if back is not None and back.end == cls and direction(back, each) == wanted and _table(back) == _table(found):
            return each
    return None


def _table(found: Join) -> str:
    """The table between."""
    return found.between.name if found.between is not None else ""


def _finding(cls: Symbol, relation: RelationFact, end: Symbol, other: RelationFact) -> Finding:
    here, there = f"{cls.last}.{relation.name}", f"{end.last}.{other.name}"
    return Finding(
        Location(relation.path, relation.at),
        f"`{here}` and `{there}` are the two sides of one key and neither names the other.",
        related=(Evidence(Location(other.path, other.at), "the other side"),),
        symbol=f"{cls.name}.{relation.name}:{end.name}.{other.name}",
        cure=f'Write `back_populates="{other.name}"` here and `back_populates="{relation.name}"` there.',
    )
