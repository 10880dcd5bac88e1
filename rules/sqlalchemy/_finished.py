"""Every column of a class or table with its type: own ones, those of other packages, and those added afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.rule import Location

from ._attributes import NOTHING
from ._columns import ColumnFact, ForeignRef, column
from ._declarative import membership
from ._mapped_types import annotated_type
from ._models import Model, model, models
from ._names import imports_it
from ._outside import brought
from ._registry import home_table
from ._tables import CoreTable, core_tables
from ._terms import Term, made
from ._types import TypeFact, number, type_of

_DEPTH = 6


class Finished(NamedTuple):
    """A column."""

    column: ColumnFact
    cls: Symbol | None
    """The mapped class, None for a bare table."""
    refs: tuple[tuple[ForeignRef, str | None], ...]
    """What it refers to, with the schema of a target that is written without one."""
    stated: TypeFact | None
    """The type, when it does not have to be read."""


def full(name: str | None, schema: str | None) -> str | None:
    """The name of a table with its schema."""
    return f"{schema}.{name}" if name and schema else name


def of_class(project: Project, cls: Symbol) -> tuple[Finished, ...]:
    """The columns that a mapped class adds to its table."""
    each = project[model, cls]
    member = project[membership, cls]
    if each is None or member is None or each.core is not None:
        return ()
    found = [_finished(own, cls, each.constraints.foreign, member.metadata.schema) for own in each.columns]
    seen = {one.column.attr for one in found}
    for base in each.foreign if each.parent is None else ():
        for one, kind in brought(base, each.foreign, cls, each.at):
            if one.attr not in seen and one.attr not in each.names:
                found.append(_finished(one, cls, (), member.metadata.schema)._replace(stated=kind))
                seen.add(one.attr)
    found += [
        _finished(own, cls, (), member.metadata.schema)
        for own in project[added, cls.path].get(cls, ())
        if own.attr not in seen
    ]
    return tuple(found)


def of_core(project: Project, core: CoreTable) -> tuple[Finished, ...]:
    """The columns of a bare table."""
    more = project[added, core.path].get(core.variable, ()) if core.variable is not None else ()
    return tuple(_finished(own, None, core.constraints.foreign, core.default_schema) for own in (*core.columns, *more))


def _finished(
    own: ColumnFact, cls: Symbol | None, links: tuple[tuple[str, ForeignRef], ...], schema: str | None
) -> Finished:
    more = tuple(ref for name, ref in links if name in (own.name, own.attr))
    return Finished(own, cls, tuple((ref, schema) for ref in (*own.refs, *more)), None)


def added(project: Project, path: str) -> dict[Symbol, tuple[ColumnFact, ...]]:
    """Class or table -> the columns that statements of the file's top level give to it."""
    module = project.module(path)
    found: dict[Symbol, list[ColumnFact]] = {}
    if module is None or not project[imports_it, path]:
        return {}
    if module.main.lasts.isdisjoint({"Column", "mapped_column"}):
        return {}
    for owner, attr, call in _additions(module.main.body):
        made_column = made(project, Term(call, path, ""))
        answer = resolve_in(project, path, "", owner.removesuffix(".__table__"))
        if made_column is None or made_column.word not in ("Column", "mapped_column"):
            continue
        if isinstance(answer, Symbol) and answer.kind in ("class", "variable"):
            found.setdefault(answer, []).append(column(project, attr, made_column, NOTHING, None, path, call.at))
    return {owner: tuple(columns) for owner, columns in found.items()}


def _additions(body: tuple[tree.Node, ...]) -> Iterator[tuple[str, str, tree.Call]]:
    """The owner, the attribute and the call of `User.age = Column(...)` and of `users.append_column(Column(...))`."""
    for node in body:
        value = node.value if isinstance(node, (tree.Assign, tree.Expression)) else None
        if not isinstance(value, tree.Call):
            continue
        if isinstance(node, tree.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, tree.Path) and "." in target.text:
                owner, _, attr = target.text.rpartition(".")
                yield owner, attr, value
        elif isinstance(value.func, tree.Path) and value.func.last == "append_column":
            yield from (
                (value.func.text.rpartition(".")[0], "", arg) for arg in value.args if isinstance(arg, tree.Call)
            )


def unnamed_additions(project: Project) -> tuple[Location, ...]:
    """Where `setattr` gives columns to classes under names that are computed."""
    paths = (path for path in project.paths if project[imports_it, path])
    return tuple(each for path in paths for each in project[_unnamed_in, path])


def _unnamed_in(project: Project, path: str) -> tuple[Location, ...]:
    module = project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        words = function.lasts
        if "setattr" in words and not words.isdisjoint({"Column", "mapped_column"}):
            found += [
                Location(path, call.at) for call in function.call_nodes if getattr(call.func, "text", "") == "setattr"
            ]
    return tuple(found)


def by_name(project: Project) -> dict[str, Finished]:
    """`table.column` -> the column."""
    found: dict[str, Finished] = {}
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None and each.core is None:
            home = home_table(project, each)
            for one in project[of_class, symbol]:
                found.setdefault(f"{full(home.table, home.schema)}.{one.column.name}", one)
    for core in project[core_tables]:
        for one in of_core(project, core):
            found.setdefault(f"{full(core.name, core.schema)}.{one.column.name}", one)
    return found


def target(project: Project, one: Finished) -> str | None:
    """The `table.column` that a column refers to."""
    for ref, schema in one.refs:
        name = _referred(project, ref, schema)
        if name is not None:
            return name
    return None


def _referred(project: Project, ref: ForeignRef, schema: str | None) -> str | None:
    if ref.text is not None:
        return f"{schema}.{ref.text}" if schema and ref.text.count(".") == 1 else ref.text
    if ref.attribute is None:
        return None
    owner, name = ref.attribute
    if owner.kind == "variable":
        core = next((each for each in project[core_tables] if each.variable == owner), None)
        return f"{full(core.name, core.schema)}.{name}" if core is not None and core.name else None
    each = project[model, owner]
    return referred_attribute(project, each, name) if each is not None else None


def referred_attribute(project: Project, each: Model, attr: str) -> str | None:
    """The `table.column` behind an attribute of a class."""
    above: Model | None = each
    while above is not None:
        found = next((one.column.name for one in project[of_class, above.symbol] if one.column.attr == attr), None)
        if found is not None or above.parent is None:
            break
        above = project[model, above.parent]
    home = home_table(project, above or each)
    return f"{full(home.table, home.schema)}.{found or attr}" if home.table else None


def typed(project: Project, one: Finished, depth: int = _DEPTH) -> TypeFact:
    """The type of a column; one without a type of its own that refers to another has the type of that."""
    kind = one.column.kind
    if one.stated is not None or kind is None:
        return one.stated or TypeFact(None, None, "its type is not known")
    if kind.given is not None:
        return type_of(project, kind.given)
    if one.refs and kind.style == "plain":
        name = target(project, one)
        other = project[by_name].get(name) if name is not None else None
        if other is None or depth <= 0:
            return TypeFact(None, None, "its type is that of a column that is not known")
        return typed(project, other, depth - 1)
    if kind.note is None:
        return TypeFact("NullType", None)
    found = annotated_type(project, one.cls, kind.note, kind.style)
    if kind.length is not None:
        length = number(project, kind.length)
        return found._replace(length=length, why="" if length is not None else "the length of its type is computed")
    return found
