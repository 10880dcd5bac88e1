"""The mapped classes and tables in the words of a backend, and what could not be resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from cdlint.backend.collected import provides
from cdlint.backend.tables import Column, Relation, Table, UnknownTable, tables, unknown_tables
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.rule import Location

from ._attributes import Home, attributes
from ._candidates import candidates
from ._columns import column
from ._declarative import membership
from ._finished import Finished, full, of_class, of_core, target, typed, unnamed_additions
from ._imperative import Mapped, imperative
from ._models import Model, is_abstract, is_circular, model, models
from ._names import is_revision, is_used
from ._outside import outside
from ._registry import destination, home_table
from ._relations import RelationFact
from ._tables import CoreTable, core_tables


@provides(tables)
def mapped_tables(project: Project) -> tuple[Table, ...]:
    """Every mapped class, and every table that stands by itself, but for what migrations make for themselves."""
    found = []
    held: set[Symbol | None] = set()
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None:
            found.append(_of_model(project, each))
            held.add(each.core)
    found.extend(_abstract(project))
    by_call = {each.core: each for each in project[imperative]}
    for core in project[core_tables]:
        if not core.local and (core.variable is None or core.variable not in held):
            mapped = by_call.get(core.variable) if core.variable is not None else None
            found.append(_of_core(project, core) if mapped is None else _of_mapped(project, core, mapped))
    return tuple(each for each in found if not project[is_revision, each.at.path])


def _of_model(project: Project, each: Model) -> Table:
    relations = tuple(_relation(project, each, relation) for relation in each.relations)
    at = Location(each.symbol.path, each.at)
    core = next((c for c in project[core_tables] if c.variable is not None and c.variable == each.core), None)
    if core is not None:
        return replace(_of_core(project, core), model=each.symbol, relations=relations, at=at)
    home = home_table(project, each)
    return Table(
        name=full(home.table, home.schema),
        model=each.symbol,
        abstract=False,
        columns=tuple(_column(project, each, one) for one in _own(project, each)),
        relations=relations,
        complete=each.complete and all(one.name is not None for one in each.columns),
        at=at,
    )


def _own(project: Project, each: Model) -> list[Finished]:
    """The columns that a class adds, without those that the class whose table it uses has already."""
    above, taken = each, set()
    while above.shares_table and above.parent is not None:
        parent = project[model, above.parent]
        if parent is None:
            break
        above = parent
        taken |= {one.column.name for one in project[of_class, above.symbol]}
    return [one for one in project[of_class, each.symbol] if one.column.name not in taken]


def _of_core(project: Project, core: CoreTable) -> Table:
    return Table(
        name=full(core.name, core.schema),
        model=None,
        abstract=False,
        columns=tuple(_column(project, None, one) for one in of_core(project, core)),
        relations=(),
        complete=core.complete,
        at=Location(core.path, core.at),
    )


def _of_mapped(project: Project, core: CoreTable, mapped: Mapped) -> Table:
    """A table whose class is mapped by a call."""
    relations = tuple(
        Relation(each.name, each.target, "many-to-many" if each.has_secondary else "", each.back_populates or "", at)
        for each in mapped.relations
        for at in [Location(each.path, each.at)]
    )
    at = Location(mapped.symbol.path, mapped.at)
    return replace(_of_core(project, core), model=mapped.symbol, relations=relations, at=at)


def _abstract(project: Project) -> Iterator[Table]:
    """The bases without a table of their own that have columns for others."""
    for symbol in project[candidates] if project[is_used] else ():
        member = project[membership, symbol]
        facts = class_facts(project, symbol)
        if member is None or facts is None or not is_abstract(project, symbol):
            continue
        found = attributes(project, Home(symbol, member.root.style, False, ""), (symbol,))
        own = [
            Finished(column(project, a.name, a.call, a.note, a.owner, symbol.path, a.at), symbol, (), None)
            for a in found
            if a.kind == "column"
        ]
        if own:
            columns = tuple(_column(project, None, each) for each in own)
            yield Table(None, symbol, True, columns, (), not member.foreign, Location(symbol.path, facts.at))


def _column(project: Project, each: Model | None, one: Finished) -> Column:
    own = one.column
    kind = typed(project, one)
    mixin = own.owner if each is not None and own.owner != each.symbol else None
    return Column(
        name=own.name or "",
        attr=own.attr,
        type=kind.name,
        nullable=own.nullable,
        primary_key=own.primary_key,
        unique=own.unique,
        max_length=kind.length,
        fk=target(project, one),
        has_default=own.has_default,
        index=own.indexed,
        declared_in=mixin,
        at=Location(own.path, own.at),
    )


def _relation(project: Project, each: Model, relation: RelationFact) -> Relation:
    end = destination(project, each, relation)
    return Relation(
        name=relation.name,
        target=end,
        kind=direction(project, each, relation),
        opposite=relation.back_populates or relation.backref or "",
        at=Location(relation.path, relation.at),
    )


def direction(project: Project, each: Model, relation: RelationFact) -> str:
    """`one-to-many`, `many-to-one`, `many-to-many`, or `""` when it is not known."""
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
    home = home_table(project, other)
    name = full(home.table, home.schema)
    targets = [target(project, one) for one in project[of_class, source.symbol]]
    return any(found is not None and found.rpartition(".")[0] == name for found in targets)


@provides(unknown_tables)
def unknowns(project: Project) -> tuple[UnknownTable, ...]:
    """What was seen of models and tables and not resolved."""
    return tuple(dict.fromkeys(_unknowns(project)))


def _unknowns(project: Project) -> Iterator[UnknownTable]:
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None:
            yield from _unknown_of_class(project, each)
    for symbol in project[candidates]:
        facts = class_facts(project, symbol)
        if facts is not None and is_circular(project, symbol):
            yield UnknownTable(Location(symbol.path, facts.at), f"table of `{symbol.name}`", "it is its own base")
    for loose in project[unnamed_additions]:
        yield UnknownTable(loose, "columns of a class", "`setattr` gives it attributes with computed names")
    for core in project[core_tables]:
        at = Location(core.path, core.at)
        what = f"table `{core.name}`" if core.name else "a table"
        if core.name is None or core.reflected:
            why = "its columns are read from the database" if core.reflected else "its name is computed"
            yield UnknownTable(at, what, why)
        elif not core.complete and not core.local:
            yield UnknownTable(at, f"columns of {what}", "not all of them are written out")
        for one in of_core(project, core) if not core.local else ():
            yield from _unknown_of_column(project, f"{core.name or 'a table'}.{one.column.name}", one)


def _unknown_of_class(project: Project, each: Model) -> Iterator[UnknownTable]:
    name, at = each.symbol.name, Location(each.symbol.path, each.at)
    if each.table is None:
        yield UnknownTable(at, f"table of `{name}`", "its name is computed")
    for base in each.foreign:
        why = f"the base `{base}` is not in the repository"
        usual = outside(base)
        if usual is None:
            yield UnknownTable(at, f"columns of `{name}`", why)
        elif usual.columns:
            yield UnknownTable(at, f"columns of `{name}`", f"{why}; those shown are what it usually has")
    for gap in each.gaps:
        what = f"whether `{name}.{gap.name}` is a column"
        why = "a condition decides" if gap.guarded else "it is made in a way that is not followed"
        yield UnknownTable(Location(gap.owner.path, gap.at), what, why)
    for one in _own(project, each):
        yield from _unknown_of_column(project, f"{name}.{one.column.attr or one.column.name}", one)
    for relation in each.relations:
        if destination(project, each, relation) is None:
            place = Location(relation.path, relation.at)
            yield UnknownTable(place, f"target of `{name}.{relation.name}`", "it is no mapped class that is known")


def _unknown_of_column(project: Project, name: str, one: Finished) -> Iterator[UnknownTable]:
    at = Location(one.column.path, one.column.at)
    if one.column.name is None:
        yield UnknownTable(at, f"name of `{name}`", "it is computed")
    found = typed(project, one)
    if found.why:
        yield UnknownTable(at, f"type of `{name}`", found.why)
    if one.refs and target(project, one) is None:
        yield UnknownTable(at, f"target of the foreign key `{name}`", "it is computed")
