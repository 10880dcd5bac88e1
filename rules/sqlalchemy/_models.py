"""Mapped classes: their tables, columns, relationships and every other attribute."""

from __future__ import annotations

import re
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import IN_A_CIRCLE, ancestry, class_facts, function_facts, resolve_in

from ._attributes import Attribute, Home, attributes, given_to
from ._candidates import candidates
from ._columns import ColumnFact, ForeignRef, column
from ._declarative import Membership, membership
from ._installed import attribute_at, column_at, references_at, relation_at
from ._names import DECLARATIVE_CLASSES, is_used, outside_word
from ._outside import SNAKE, outside
from ._relations import RelationFact, relation
from ._table_args import Constraints, TableArguments, class_arguments, under
from ._terms import Term
from ._text import returned_by, text


class Model(NamedTuple):
    """A mapped class."""

    symbol: Symbol
    at: At
    registry: str
    """`""` when it is not known which."""
    metadata: str
    closed: bool
    """Whether all of its registry stands in the repository."""
    table: str | None
    """Without schema; None when it is computed."""
    schema: str | None
    sure: bool
    """Whether the table's name is certain: nothing from outside could give it another."""
    parent: Symbol | None
    """The mapped class that it inherits from."""
    shares_table: bool
    """Whether its columns go into the table of `parent`."""
    core: Symbol | None
    """The variable that holds its table, for `__table__ = users`."""
    columns: tuple[ColumnFact, ...]
    relations: tuple[RelationFact, ...]
    refs: tuple[ForeignRef, ...]
    """What its composite foreign keys refer to."""
    constraints: Constraints
    gaps: tuple[Attribute, ...]
    """The attributes that may be columns and are not known."""
    names: frozenset[str]
    """Every attribute that it or an ancestor of the repository has."""
    foreign: tuple[str, ...]
    """Ancestors that may bring attributes which are not seen."""
    complete: bool
    """Whether all its columns are known."""


def models(project: Project) -> tuple[Symbol, ...]:
    """The mapped classes of the repository."""
    if not project[is_used]:
        return ()
    return tuple(symbol for symbol in project[candidates] if project[model, symbol] is not None)


def is_circular(project: Project, cls: Symbol) -> bool:
    """Whether a class or one of its bases is its own base, which Python refuses."""
    return IN_A_CIRCLE in project[ancestry, cls].unknown


def model(project: Project, cls: Symbol) -> Model | None:
    """What is known of a class; None when it is not mapped."""
    member = project[membership, cls]
    facts = class_facts(project, cls)
    if member is None or facts is None or is_abstract(project, cls) or is_circular(project, cls):
        return None
    parent = next((owner for owner in member.lineage[1:] if project[model, owner] is not None), None)
    if member.root.style == "sqlmodel" and (parent is not None or not _says_table(project, cls)):
        return None
    above = project[membership, parent] if parent is not None else None
    own = [owner for owner in member.lineage if above is None or owner not in above.lineage]
    home = _home(project, cls, member, parent)
    found = tuple(attribute_at(each, cls, facts.at) for each in attributes(project, home, own))
    columns = tuple(
        column_at(column(project, each.name, each.call, each.note, each.owner, each.owner.path, each.at), cls, facts.at)
        for each in found
        if each.kind == "column"
    )
    relations = tuple(
        relation_at(relation(project, each.name, each.call, each.note, each.owner), cls, facts.at)
        for each in found
        if each.kind == "relationship" and each.call is not None
    )
    core = _core(project, own)
    name, sure = _table_name(project, cls, member, parent, columns)
    if core is None and name == "" and parent is None and all(map(outside, member.foreign)):
        return None
    arguments = class_arguments(project, cls, own, parent is not None)
    return Model(
        symbol=cls,
        at=facts.at,
        registry=member.root.registry,
        metadata=member.metadata.key,
        closed=member.root.closed,
        table=name,
        schema=_schema(arguments, member),
        sure=sure,
        parent=parent,
        shares_table=parent is not None and name == "",
        core=core,
        columns=under(arguments.constraints, columns),
        relations=relations,
        refs=references_at(arguments.refs, cls, facts.at),
        constraints=arguments.constraints,
        gaps=tuple(each for each in found if each.kind == "unknown" or (each.guarded and each.kind == "column")),
        names=_names(project, member),
        foreign=member.foreign,
        complete=not member.foreign and core is None and all(each.kind != "unknown" for each in found),
    )


def _home(project: Project, cls: Symbol, member: Membership, parent: Symbol | None) -> Home:
    name = project[declared_table_name, cls]
    if name == "" and member.root.style == "sqlmodel":
        name = cls.last.lower()
    elif name == "" and member.root.style == "flask":
        name = automatic_name(cls.last)
    return Home(cls, member.root.style, parent is not None, name or "")


def is_abstract(project: Project, cls: Symbol) -> bool:
    """Whether a class is a declarative base, or says that it has no table of its own."""
    facts = class_facts(project, cls)
    for node in facts.bases if facts is not None else ():
        answer = project_base(project, cls, node)
        if isinstance(answer, Symbol) and outside_word(answer.name) in (*DECLARATIVE_CLASSES, "AbstractConcreteBase"):
            return True
    for node in facts.decorators if facts is not None else ():
        func = node.func if isinstance(node, tree.Call) else node
        if isinstance(func, tree.Path) and func.last == "as_declarative":
            return True
    for binding in facts.fields if facts is not None else ():
        if binding.name == "__abstract__":
            return not (isinstance(binding.value, tree.Constant) and binding.value.value is False)
    return False


def project_base(project: Project, cls: Symbol, node: tree.Node) -> object:
    """What a base of a class is, as far as names alone say."""
    facts = class_facts(project, cls)
    while isinstance(node, tree.Subscript):
        node = node.value
    if facts is None or not isinstance(node, tree.Path):
        return None
    return resolve_in(project, cls.path, facts.parent, node.text)


def _says_table(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls)
    return facts is not None and any(
        name == "table" and isinstance(node, tree.Constant) and node.value is True for name, node in facts.keywords
    )


def _names(project: Project, member: Membership) -> frozenset[str]:
    found: set[str] = set()
    for owner in member.lineage:
        facts = class_facts(project, owner)
        if facts is not None:
            found.update(binding.name for binding in facts.fields)
            found.update(facts.methods)
    return frozenset(found)


# The table


def _table_name(
    project: Project, cls: Symbol, member: Membership, parent: Symbol | None, columns: tuple[ColumnFact, ...]
) -> tuple[str | None, bool]:
    """The name of the class's own table, `""` when it has none, and whether that is certain."""
    name = project[declared_table_name, cls]
    if name != "":
        return name, name is not None
    if member.root.style == "sqlmodel":
        return cls.last.lower(), not member.foreign
    if member.root.style == "flask" and (parent is None or any(each.primary_key for each in columns)):
        return automatic_name(cls.last), not member.foreign
    usual = [found for each in member.foreign if (found := outside(each)) is not None]
    for each in usual if parent is None else ():
        if each.table:
            return automatic_name(cls.last) if each.table == SNAKE else each.table, False
    if (len(usual) < len(member.foreign) and parent is None) or _has_own_metaclass(project, member):
        return None, False
    return "", True


def _has_own_metaclass(project: Project, member: Membership) -> bool:
    """Whether a metaclass of the repository makes the class, and maybe its table's name."""
    for owner in member.lineage:
        facts = class_facts(project, owner)
        for name, value in facts.keywords if facts is not None and facts.keyword_codes else ():
            if name == "metaclass" and isinstance(value, tree.Path):
                made = resolve_in(project, owner.path, facts.parent if facts else "", value.text)
                if isinstance(made, Symbol) and made.kind == "class":
                    return True
    return False


def declared_table_name(project: Project, cls: Symbol) -> str | None:
    """What `__tablename__` says for a class; `""` when nothing does, None when it is computed."""
    member = project[membership, cls]
    written = _written_table_name(project, cls, member) if member is not None else ""
    for owner in member.lineage[1:] if member is not None else ():
        facts = class_facts(project, owner)
        if facts is not None and "__init_subclass__" in facts.methods:
            return _named_by_hook(project, cls, owner, written)
    return written


def _written_table_name(project: Project, cls: Symbol, member: Membership) -> str | None:
    for owner in member.lineage:
        if owner != cls and project[model, owner] is not None:
            continue
        facts = class_facts(project, owner)
        for binding in reversed(facts.fields if facts is not None else ()):
            if binding.name == "__tablename__" and binding.value_code is not None:
                if isinstance(binding.value, tree.Constant) and binding.value.value is None:
                    return ""
                return text(project, Term(binding.value, owner.path, owner.name))
        if facts is not None and "__tablename__" in facts.methods:
            method = Symbol("function", owner.path, f"{owner.name}.__tablename__")
            found = function_facts(project, method)
            param = found.params[0].name if found is not None and found.params else "cls"
            inherits = any(project[model, each] is not None for each in member.lineage if each != cls)
            return returned_by(project, method, given_to(cls, param, inherits))
    return ""


def _named_by_hook(project: Project, cls: Symbol, owner: Symbol, written: str | None) -> str | None:
    """The name that `__init_subclass__` of a base assigns, `written` when it assigns none."""
    hook = function_facts(project, Symbol("function", owner.path, f"{owner.name}.__init_subclass__"))
    param = hook.params[0].name if hook is not None and hook.params else "cls"
    for node in hook.every(tree.Assign) if hook is not None and hook.mentions("__tablename__") else ():
        if len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, tree.Path) and target.text == f"{param}.__tablename__":
                scope = f"{owner.name}.__init_subclass__"
                return text(project, Term(node.value, owner.path, scope, given_to(cls, param, False, written or "")))
    return written


def automatic_name(name: str) -> str:
    """The table that Flask-SQLAlchemy gives to a class: `UserProfile` is `user_profile`."""
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))", r"_\1", name).lower().lstrip("_")


def _core(project: Project, owners: list[Symbol]) -> Symbol | None:
    """The variable behind `__table__`; the class itself when the table is made in its body."""
    for owner in owners:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if binding.name == "__table__" and binding.value_code is not None:
                answer = project_base(project, owner, binding.value)
                known = isinstance(answer, Symbol) and answer.kind == "variable"
                return (
                    answer
                    if known and isinstance(answer, Symbol)
                    else Symbol("variable", owner.path, f"{owner.name}.__table__")
                )
    return None


def _schema(arguments: TableArguments, member: Membership) -> str | None:
    return arguments.schema if arguments.says_schema or arguments.schema is None else member.metadata.schema
