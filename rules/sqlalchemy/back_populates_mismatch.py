"""A relationship names another side that does not name it back.

## Why
`back_populates` couples two attributes by name. If the name is not an attribute of the
class at the other end, is no relationship, or leads to another class, configuring the mappers
fails, and with it the first query on any model. If the other side names a third attribute,
nothing fails: the objects in memory contradict each other until they are read again. Several
attributes over one foreign key may share an other side, so that alone is not reported.

## Instead
Let the two sides name each other: `Post.user = relationship("User", back_populates="posts")`
with `User.posts = relationship("Post", back_populates="user")`.

## Known limits
Nothing is said when the target class has a base that is not in the repository, when attributes
are added to classes while the program runs, or about sides that are `viewonly`.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.rule import Evidence, Finding, Location, rule

from ._columns import ColumnFact
from ._models import Model, model, models
from ._registry import attribute_names, destination, lineage
from ._relations import RelationFact


@rule(of=models, severity="error", constraint="orm")
def back_populates_mismatch(project: Project, cls: Symbol) -> Iterator[Finding]:
    """One finding a relationship."""
    source = project[model, cls]
    for relation in source.relations if source is not None else ():
        if source is None or not relation.back_populates:
            continue
        end = destination(project, source, relation)
        other = project[model, end] if end is not None else None
        if other is not None:
            yield from _compared(project, source, relation, other)


def _compared(project: Project, source: Model, relation: RelationFact, other: Model) -> Iterator[Finding]:
    name = str(relation.back_populates)
    here = f"{source.symbol.last}.{relation.name}"
    there = f"{other.symbol.last}.{name}"
    names = project[attribute_names, other.symbol]
    at = Location(relation.path, relation.at)
    at_class = Evidence(Location(other.symbol.path, other.at), f"`{other.symbol.last}` is defined here")
    if names is not None and name not in names:
        backs = _candidates(project, source, relation, other)
        cure = f'Write `back_populates="{backs[0]}"`.' if len(backs) == 1 else ""
        message = f'`{here}` says `back_populates="{name}"`, but `{other.symbol.last}` has no attribute `{name}`.'
        yield Finding(at, message, (at_class,), symbol=here, cure=cure)
        return
    opposite = _relation(project, other, name)
    if opposite is None:
        if names is not None and any(column.attr == name for column in _columns(project, other)):
            message = f'`{here}` says `back_populates="{name}"`, but `{there}` is a column, not a relationship.'
            yield Finding(at, message, (at_class,), symbol=here)
        return
    evidence = Evidence(Location(opposite.path, opposite.at), f"`{there}` is defined here")
    yield from _opposed(project, source, relation, other, opposite, evidence)


def _opposed(
    project: Project, source: Model, relation: RelationFact, other: Model, opposite: RelationFact, evidence: Evidence
) -> Iterator[Finding]:
    """Compare a relationship with the one that it names."""
    here = f"{source.symbol.last}.{relation.name}"
    there = f"{other.symbol.last}.{opposite.name}"
    at = Location(relation.path, relation.at)
    back = destination(project, other, opposite)
    names = f"`{here}` names `{there}` as its other side, but that"
    if back is not None and not _related(project, source.symbol, back):
        message = f"{names} leads to `{back.last}`, not to `{source.symbol.last}`."
        yield Finding(at, message, (evidence,), symbol=here)
        return
    if not opposite.back_populates or opposite.back_populates == relation.name or relation.one_way or opposite.one_way:
        return
    # Several attributes over one key may share an other side; crossed pairs contradict each other.
    if back is not None and [name for name in _candidates(project, source, relation, other) if name != opposite.name]:
        message = f"{names} names `{source.symbol.last}.{opposite.back_populates}` back."
        yield Finding(at, message, (evidence,), symbol=here)


def _related(project: Project, first: Symbol, second: Symbol) -> bool:
    """Whether two classes are of one mapped hierarchy."""
    return _base(project, first) == _base(project, second)


def _base(project: Project, cls: Symbol) -> Symbol:
    each = project[model, cls]
    while each is not None and each.parent is not None:
        cls = each.parent
        each = project[model, cls]
    return cls


def _hierarchy(project: Project, each: Model) -> Iterator[Model]:
    for owner in project[lineage, each.symbol]:
        found = project[model, owner]
        if found is not None:
            yield found


def _relation(project: Project, each: Model, name: str) -> RelationFact | None:
    for above in _hierarchy(project, each):
        for relation in above.relations:
            if relation.name == name:
                return relation
    return None


def _columns(project: Project, each: Model) -> Iterator[ColumnFact]:
    for above in _hierarchy(project, each):
        yield from above.columns


def _candidates(project: Project, source: Model, relation: RelationFact, other: Model) -> list[str]:
    """The relationships of the other class that name this one back."""
    found = []
    for above in _hierarchy(project, other):
        for each in above.relations:
            back = destination(project, above, each)
            if each.back_populates == relation.name and back is not None and _related(project, source.symbol, back):
                found.append(each.name)
    return found
