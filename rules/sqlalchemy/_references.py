"""Every foreign key that names its target in a string, with the metadata it is looked up in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts.tree import At
from cdlint.project import Project

from ._columns import ForeignRef
from ._declarative import FRESH, membership
from ._models import model, models
from ._names import is_revision
from ._tables import core_tables


class Reference(NamedTuple):
    """A foreign key of a table."""

    text: str
    holder: str
    """The table or class that has it."""
    metadata: str
    default_schema: str
    """The schema of a target that is written without one."""
    path: str
    at: At

    @property
    def symbol(self) -> str:
        """What a finding about it is about."""
        return f"{self.holder}:{self.text}"


def references(project: Project) -> tuple[Reference, ...]:
    """The foreign keys whose target and metadata are known."""
    return tuple({(each.path, each.at, each.text): each for each in _all(project)}.values())


def _all(project: Project) -> Iterator[Reference]:
    for symbol in project[models]:
        each = project[model, symbol]
        member = project[membership, symbol]
        if each is None or member is None or member.metadata.schema is None or project[is_revision, symbol.path]:
            continue
        for column in each.columns:
            holder = f"{symbol.last}.{column.attr}"
            for ref in column.refs:
                yield from _known(ref, holder, each.metadata, member.metadata.schema)
        for ref in each.refs:
            yield from _known(ref, symbol.last, each.metadata, member.metadata.schema)
    for table in project[core_tables]:
        if (
            table.local
            or table.metadata in ("", FRESH)
            or table.default_schema is None
            or project[is_revision, table.path]
        ):
            continue
        for column in table.columns:
            for ref in column.refs:
                yield from _known(ref, f"{table.name}.{column.name}", table.metadata, table.default_schema)
        for ref in table.refs:
            yield from _known(ref, str(table.name), table.metadata, table.default_schema)


def _known(ref: ForeignRef, holder: str, metadata: str, schema: str) -> Iterator[Reference]:
    if ref.text is not None:
        yield Reference(ref.text, holder, metadata, schema, ref.path, ref.at)
