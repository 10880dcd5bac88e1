"""What classes of installed packages bring to mapped classes, when they may be read."""

from __future__ import annotations

from cdlint.backend.collected import provides
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.outside import frameworks, is_installed

from ._attributes import Attribute
from ._columns import ColumnFact, ForeignRef
from ._names import PACKAGES, is_neutral
from ._outside import outside
from ._relations import Named, RelationFact


@provides(frameworks)
def packages(project: Project) -> frozenset[str]:
    """The packages whose names this pack knows."""
    return frozenset(PACKAGES)


def is_known(dotted: str) -> bool:
    """Whether a base is known by its name, so that its package need not be read."""
    return dotted.partition(".")[0] in PACKAGES or is_neutral(dotted) or outside(dotted) is not None


def attribute_at(each: Attribute, cls: Symbol, at: At) -> Attribute:
    """An attribute at the line to edit: what comes from a package stands at the class that takes it."""
    return each._replace(owner=cls, at=at) if is_installed(each.owner.path) else each


def column_at(each: ColumnFact, cls: Symbol, at: At) -> ColumnFact:
    """A column with what it refers to at the line to edit."""
    refs = references_at(each.refs, cls, at)
    return each if refs == each.refs else each._replace(refs=refs)


def references_at(refs: tuple[ForeignRef, ...], cls: Symbol, at: At) -> tuple[ForeignRef, ...]:
    """Foreign keys at the line to edit."""
    return tuple(ref._replace(path=cls.path, at=at) if is_installed(ref.path) else ref for ref in refs)


def relation_at(each: RelationFact, cls: Symbol, at: At) -> RelationFact:
    """A relationship at the line to edit."""
    if not is_installed(each.path):
        return each

    def here(named: Named | None) -> Named | None:
        return named._replace(path=cls.path, at=at) if named is not None else None

    expressions = tuple(named._replace(path=cls.path, at=at) for named in each.expressions)
    return each._replace(
        path=cls.path,
        at=at,
        target_name=here(each.target_name),
        secondary=here(each.secondary),
        expressions=expressions,
    )
