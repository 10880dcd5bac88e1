"""The mapped classes and tables in the words of a backend, and what could not be resolved."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.tables import Column, Relation, Table, UnknownTable, tables, unknown_tables
from cdlint.project import Project
from cdlint.rule import Location

from ._columns import ColumnFact, ForeignRef
from ._models import Model, model, models
from ._registry import destination, home_table
from ._relations import RelationFact
from ._tables import CoreTable, core_tables


@provides(tables)
def mapped_tables(project: Project) -> tuple[Table, ...]:
    """Every mapped class, and every table that stands by itself."""
    found = []
    held = set()
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None:
            found.append(_of_model(project, each))
            held.add(each.core)
    for core in project[core_tables]:
        if not core.local and (core.variable is None or core.variable not in held):
            found.append(_of_core(project, core, None, ()))
    return tuple(found)


def _of_model(project: Project, each: Model) -> Table:
    relations = tuple(_relation(project, each, relation) for relation in each.relations)
    core = next((c for c in project[core_tables] if c.variable is not None and c.variable == each.core), None)
    if core is not None:
        return _of_core(project, core, each, relations)
    home = home_table(project, each)
    return Table(
        name=_full(home.table, home.schema),
        model=each.symbol,
        abstract=False,
        columns=tuple(_column(project, each, column) for column in each.columns),
        relations=relations,
        complete=each.complete and all(column.name is not None for column in each.columns),
        at=Location(each.symbol.path, each.at),
    )


def _of_core(project: Project, core: CoreTable, each: Model | None, relations: tuple[Relation, ...]) -> Table:
    return Table(
        name=_full(core.name, core.schema),
        model=each.symbol if each is not None else None,
        abstract=False,
        columns=tuple(_column(project, each, column) for column in core.columns),
        relations=relations,
        complete=core.complete,
        at=Location(core.path, core.at) if each is None else Location(each.symbol.path, each.at),
    )


def _full(name: str | None, schema: str | None) -> str | None:
    return f"{schema}.{name}" if name and schema else name


def _column(project: Project, each: Model | None, column: ColumnFact) -> Column:
    mixin = column.owner if each is not None and column.owner != each.symbol else None
    return Column(
        name=column.name or "",
        attr=column.attr,
        type=column.type,
        nullable=column.nullable,
        primary_key=column.primary_key,
        unique=column.unique,
        max_length=column.max_length,
        fk=next((found for ref in column.refs if (found := _target(project, ref)) is not None), None),
        has_default=column.has_default,
        index=column.indexed,
        declared_in=mixin,
        at=Location(column.path, column.at),
    )


def _target(project: Project, ref: ForeignRef) -> str | None:
    """The `table.column` that a foreign key refers to."""
    if ref.text is not None:
        return ref.text
    each = project[model, ref.attribute[0]] if ref.attribute is not None else None
    if each is None or ref.attribute is None:
        return None
    home = home_table(project, each)
    name = next((column.name for column in each.columns if column.attr == ref.attribute[1]), ref.attribute[1])
    return f"{_full(home.table, home.schema)}.{name}" if home.table else None


def _relation(project: Project, each: Model, relation: RelationFact) -> Relation:
    end = destination(project, each, relation)
    return Relation(
        name=relation.name,
        target=end,
        kind=_kind(project, each, relation),
        opposite=relation.back_populates or relation.backref or "",
        at=Location(relation.path, relation.at),
    )


def _kind(project: Project, each: Model, relation: RelationFact) -> str:
    if relation.has_secondary:
        return "many-to-many"
    end = destination(project, each, relation)
    other = project[model, end] if end is not None else None
    if other is None:
        return ""
    forth, back = _refers(project, each, other), _refers(project, other, each)
    if forth == back:
        return "one-to-many" if relation.many else ""
    return "many-to-one" if forth else "one-to-many"


def _refers(project: Project, source: Model, other: Model) -> bool:
    """Whether a table has a foreign key to another."""
    name = _full(home_table(project, other).table, home_table(project, other).schema)
    targets = [_target(project, ref) for column in source.columns for ref in column.refs]
    targets += [_target(project, ref) for ref in source.refs]
    return any(target is not None and target.rpartition(".")[0] == name for target in targets)


@provides(unknown_tables)
def unknowns(project: Project) -> tuple[UnknownTable, ...]:
    """What was seen of models and tables and not resolved."""
    return tuple(dict.fromkeys(_unknowns(project)))


def _unknowns(project: Project) -> Iterator[UnknownTable]:
    for symbol in project[models]:
        each = project[model, symbol]
        if each is None:
            continue
        at = Location(symbol.path, each.at)
        if each.table is None:
            yield UnknownTable(at, f"table of `{symbol.name}`", "its name is computed")
        for base in each.foreign:
            yield UnknownTable(at, f"columns of `{symbol.name}`", f"the base `{base}` is not in the repository")
        for relation in each.relations:
            if destination(project, each, relation) is None:
                place = Location(relation.path, relation.at)
                yield UnknownTable(
                    place, f"target of `{symbol.name}.{relation.name}`", "it is no mapped class that is known"
                )
    for core in project[core_tables]:
        if core.name is None or core.reflected:
            what = f"table `{core.name}`" if core.name else "a table"
            why = "its columns are read from the database" if core.reflected else "its name is computed"
            yield UnknownTable(Location(core.path, core.at), what, why)
