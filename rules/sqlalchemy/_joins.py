"""Which foreign keys join the two sides of a relationship."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in

from ._columns import ColumnFact
from ._finished import Finished, full, of_class, of_core, referred_attribute
from ._models import model
from ._registry import destination, entries, home_table, late, open_registry
from ._relations import RelationFact
from ._tables import CoreTable, core_tables
from ._terms import Term


class Key(NamedTuple):
    """A column and the table that it refers to."""

    column: ColumnFact
    target: str


class Side(NamedTuple):
    """A table with all its keys."""

    name: str
    keys: tuple[Key, ...]
    composite: bool
    """Whether some keys belong together."""


class Join(NamedTuple):
    """The keys that link a class to the target of a relationship, when all of them are known."""

    source: Side
    target: Side
    forth: tuple[Key, ...]
    """Of the source, leading to the target."""
    back: tuple[Key, ...]
    """Of the target, leading to the source; those of `forth` when both are one table."""
    end: Symbol
    between: Side | None
    """The table between, of a relationship with `secondary`."""


def given(relation: RelationFact, *names: str) -> bool:
    """Whether a relationship is given one of these arguments."""
    return any(name in names for name, _ in relation.keywords)


def argument(relation: RelationFact, name: str) -> Term | None:
    """What a relationship is given under a name."""
    return next((term for key, term in relation.keywords if key == name), None)


def join(project: Project, key: tuple[Symbol, str]) -> Join | None:
    """The keys between a class and the target of its relationship of this name; None when not all are known."""
    source = project[model, key[0]]
    relation = next((each for each in source.relations if each.name == key[1]), None) if source is not None else None
    if source is None or relation is None or relation.open or project[open_registry, source.registry]:
        return None
    end = destination(project, source, relation)
    other = project[model, end] if end is not None else None
    if other is None or end is None or project[late].anything or other.registry != source.registry:
        return None
    near, far = project[side, source.symbol], project[side, end]
    if near is None or far is None:
        return None
    if any(each.target not in project[entries, source.metadata] for each in (*near.keys, *far.keys)):
        # A key leads nowhere, which is said where it stands: it may well have been meant for this join.
        return None
    between = None
    if relation.has_secondary:
        between = _between(project, relation)
        if between is None:
            return None
    forth = tuple(each for each in near.keys if each.target == far.name)
    back = tuple(each for each in far.keys if each.target == near.name)
    return Join(near, far, forth, back, end, between)


def side(project: Project, cls: Symbol) -> Side | None:
    """The table of a class that inherits from no other mapped class, with all its keys."""
    each = project[model, cls]
    if each is None or each.parent is not None or each.schema is None or each.gaps or not each.sure:
        return None
    if each.core is not None:
        core = next((one for one in project[core_tables] if one.variable == each.core), None)
        return _of_core(project, core) if core is not None else None
    if not each.complete:
        return None
    home = home_table(project, each)
    name = full(home.table, home.schema)
    return _side(project, name, project[of_class, cls], bool(each.refs or each.constraints.foreign))


def _of_core(project: Project, core: CoreTable) -> Side | None:
    if not core.complete or core.reflected or core.local:
        return None
    links = bool(core.refs or core.constraints.foreign)
    return _side(project, full(core.name, core.schema), project[of_table, core.variable] or (), links)


def of_table(project: Project, variable: Symbol | None) -> tuple[Finished, ...]:
    """The columns of the bare table that a variable holds."""
    core = next((each for each in project[core_tables] if each.variable == variable), None)
    return of_core(project, core) if core is not None and variable is not None else ()


def _side(project: Project, name: str | None, columns: tuple[Finished, ...], composite: bool) -> Side | None:
    keys = []
    for one in columns:
        for ref, schema in one.refs:
            target = _table(project, ref.text, ref.attribute, schema)
            if target is None:
                return None
            keys.append(Key(one.column, target))
    return Side(name, tuple(keys), composite) if name and columns else None


def _table(project: Project, text: str | None, attribute: tuple[Symbol, str] | None, schema: str | None) -> str | None:
    """The table that a key refers to."""
    if text is not None:
        name = text.rpartition(".")[0]
        return (f"{schema}.{name}" if schema and "." not in name else name) or None
    if attribute is None:
        return None
    owner, name = attribute
    if owner.kind == "variable":
        core = next((each for each in project[core_tables] if each.variable == owner), None)
        return full(core.name, core.schema) if core is not None else None
    each = project[model, owner]
    found = referred_attribute(project, each, name) if each is not None else None
    return found.rpartition(".")[0] if found else None


def _between(project: Project, relation: RelationFact) -> Side | None:
    """The table that `secondary=` or `link_model=` names."""
    term = argument(relation, "secondary") or argument(relation, "link_model")
    node = term.node if term is not None else None
    if isinstance(node, tree.Lambda):
        node = node.body
    if term is None or node is None:
        return None
    if isinstance(node, tree.Constant) and isinstance(node.value, str):
        found = [each for each in project[core_tables] if node.value in (each.name, full(each.name, each.schema))]
        return _of_core(project, found[0]) if len(found) == 1 else None
    if not isinstance(node, tree.Path):
        return None
    answer = resolve_in(project, term.path, term.scope, node.text.removesuffix(".__table__"))
    if isinstance(answer, Symbol) and answer.kind == "class":
        return project[side, answer]
    core = next((each for each in project[core_tables] if each.variable == answer), None)
    return _of_core(project, core) if core is not None else None


def is_plain(relation: RelationFact) -> bool:
    """Whether the keys alone decide how a relationship joins."""
    return not given(relation, "primaryjoin", "secondaryjoin", "viewonly", "overlaps", "sync_backref")


def direction(found: Join, relation: RelationFact) -> str:
    """`many-to-one`, `one-to-many` or `many-to-many`; `""` when more than the keys decide."""
    if relation.has_secondary:
        return "many-to-many"
    if found.source.name == found.target.name or not is_plain(relation) or found.source.composite:
        return ""
    if found.target.composite or given(relation, "foreign_keys", "remote_side"):
        return ""
    if len(found.forth) == 1 and not found.back:
        return "many-to-one"
    return "one-to-many" if len(found.back) == 1 and not found.forth else ""
