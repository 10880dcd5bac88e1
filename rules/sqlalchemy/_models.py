"""Mapped classes: their tables, columns, relationships and every other attribute."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, function_facts, resolve_in

from ._annotations import Said, said
from ._candidates import candidates
from ._columns import ColumnFact, ForeignRef, column
from ._declarative import Membership, membership
from ._names import COLUMNS, DECLARATIVE_CLASSES, DECLARED_ATTR, RELATIONSHIPS, is_used, outside_word
from ._relations import RelationFact, relation
from ._table_args import TableArguments, table_arguments
from ._terms import Made, Term, made
from ._text import returned_by, text

NOTHING = Said(None, False, False, False, ())


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
    names: frozenset[str]
    """Every attribute that it or an ancestor of the repository has."""
    foreign: tuple[str, ...]
    """Ancestors that may bring attributes which are not seen."""
    complete: bool
    """Whether all its columns are known."""


class Attribute(NamedTuple):
    """One attribute of a class that the mapper looks at."""

    name: str
    kind: str
    """`column`, `relationship`, `unknown` or `plain`."""
    call: Made | None
    note: Said
    owner: Symbol
    at: At


def models(project: Project) -> tuple[Symbol, ...]:
    """The mapped classes of the repository."""
    if not project[is_used]:
        return ()
    return tuple(symbol for symbol in project[candidates] if project[model, symbol] is not None)


def model(project: Project, cls: Symbol) -> Model | None:
    """What is known of a class; None when it is not mapped."""
    member = project[membership, cls]
    facts = class_facts(project, cls)
    if member is None or facts is None or _is_abstract(project, cls):
        return None
    parent = next((owner for owner in member.lineage[1:] if project[model, owner] is not None), None)
    if member.root.style == "sqlmodel" and (parent is not None or not _says_table(project, cls)):
        return None
    above = project[membership, parent] if parent is not None else None
    own = [owner for owner in member.lineage if above is None or owner not in above.lineage]
    attributes = tuple(_attributes(project, cls, own, member))
    columns = tuple(
        column(project, each.name, each.call, each.note, each.owner, each.owner.path, each.at)
        for each in attributes
        if each.kind == "column"
    )
    relations = tuple(
        relation(project, each.name, each.call, each.note, each.owner)
        for each in attributes
        if each.kind == "relationship" and each.call is not None
    )
    core = _core(project, own)
    name, sure = _table_name(project, cls, member, parent, columns)
    if core is None and name == "" and parent is None and not member.foreign:
        return None
    arguments = _arguments(project, cls, own)
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
        columns=columns,
        relations=relations,
        refs=arguments.refs,
        names=_names(project, member),
        foreign=member.foreign,
        complete=not member.foreign and core is None and all(each.kind != "unknown" for each in attributes),
    )


def _is_abstract(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls)
    for node in facts.bases if facts is not None else ():
        answer = project_base(project, cls, node)
        if isinstance(answer, Symbol) and outside_word(answer.name) in DECLARATIVE_CLASSES:
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


# Attributes


def _attributes(project: Project, cls: Symbol, owners: list[Symbol], member: Membership) -> Iterator[Attribute]:
    """The attributes that the class and its unmapped ancestors declare, nearest first."""
    seen: set[str] = set()
    for owner in owners:
        facts = class_facts(project, owner)
        if facts is None:
            continue
        last = {binding.name: binding for binding in facts.fields if binding.kind not in ("function", "class")}
        for name, binding in last.items():
            if name not in seen and not name.startswith("__"):
                yield _attribute(project, owner, binding, member.root.style)
        for name in facts.methods:
            if name not in seen and name not in last and not name.startswith("__"):
                found = _declared(project, cls, owner, name)
                if found is not None:
                    yield found
        seen.update(last, facts.methods)


def _attribute(project: Project, owner: Symbol, binding: Binding, style: str) -> Attribute:
    note = said(project, Term(binding.annotation, owner.path, owner.name)) if binding.annotation_code else NOTHING
    value = binding.value
    call = made(project, Term(value, owner.path, owner.name)) if isinstance(value, (tree.Call, tree.Path)) else None
    if call is not None and call.word in ("deferred", "column_property") and call.args:
        call = made(project, call.args[0]) or call
    kind = _kind(call, note, binding, style)
    if style == "sqlmodel" and call is not None and call.word == "Field" and call.get("exclude_from_table"):
        kind = "plain"
    return Attribute(binding.name, kind, call, note, owner, binding.at)


def _kind(call: Made | None, note: Said, binding: Binding, style: str) -> str:
    if call is not None:
        if call.word in COLUMNS:
            return "column" if call.word != "Field" or style == "sqlmodel" else "plain"
        if call.word in RELATIONSHIPS:
            return "relationship"
        return "plain"
    if binding.value_code is None or style == "sqlmodel":
        if style == "sqlmodel":
            return "column" if binding.annotation_code is not None and not _is_class_variable(binding) else "plain"
        return "column" if note.wrapped else "plain"
    if note.wrapped:
        # A default in the place of `mapped_column`: dataclass mappings.
        return "column" if isinstance(binding.value, tree.Constant) else "unknown"
    return "unknown" if isinstance(binding.value, (tree.Call, tree.Conditional)) else "plain"


def _is_class_variable(binding: Binding) -> bool:
    node = binding.annotation
    outer = node.value if isinstance(node, tree.Subscript) else node
    return (isinstance(outer, tree.Path) and outer.last in ("ClassVar", "PrivateAttr")) or binding.name.startswith("_")


def _declared(project: Project, cls: Symbol, owner: Symbol, name: str) -> Attribute | None:
    """What a method under `declared_attr` declares for the class."""
    method = Symbol("function", owner.path, f"{owner.name}.{name}")
    facts = function_facts(project, method)
    if facts is None or not any(_last(node) in DECLARED_ATTR for node in facts.decorators):
        return None
    returned = [
        node.value for node in tree.walk(*facts.body) if isinstance(node, tree.Return) and node.value is not None
    ]
    given = _given(cls, facts.params[0].name if facts.params else "cls")
    calls = [made(project, Term(node, owner.path, method.name, given)) for node in returned]
    note = said(project, Term(facts.returns, owner.path, owner.name)) if facts.returns_code else NOTHING
    if len(calls) != 1 or calls[0] is None:
        return Attribute(name, "unknown", None, note, owner, facts.at)
    word = calls[0].word
    kind = "column" if word in COLUMNS else "relationship" if word in RELATIONSHIPS else "plain"
    return Attribute(name, kind, calls[0], note, owner, facts.at)


def _last(node: tree.Node) -> str:
    func = node.func if isinstance(node, tree.Call) else node
    return func.last if isinstance(func, (tree.Path, tree.Attribute)) else ""


def _given(cls: Symbol, param: str) -> tuple[tuple[str, Term], ...]:
    """What `cls` and its names stand for inside a declared attribute."""
    nowhere = (0, 0, 0, 0)
    name = Term(tree.Constant(cls.last, nowhere), cls.path, "")
    return ((f"{param}.__name__", name), (param, Term(tree.Path(cls.name, nowhere), cls.path, "")))


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
    if member.foreign and parent is None:
        return None, False
    return "", True


def declared_table_name(project: Project, cls: Symbol) -> str | None:
    """What `__tablename__` says for a class; `""` when nothing does, None when it is computed."""
    member = project[membership, cls]
    for owner in member.lineage if member is not None else ():
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
            return returned_by(project, method, _given(cls, param))
    return ""


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


def _arguments(project: Project, cls: Symbol, owners: list[Symbol]) -> TableArguments:
    for owner in owners:
        facts = class_facts(project, owner)
        for binding in reversed(facts.fields if facts is not None else ()):
            if binding.name == "__table_args__" and binding.value_code is not None:
                return table_arguments(project, Term(binding.value, owner.path, owner.name))
        if facts is not None and "__table_args__" in facts.methods:
            method = function_facts(project, Symbol("function", owner.path, f"{owner.name}.__table_args__"))
            returned = (
                [n.value for n in tree.walk(*method.body) if isinstance(n, tree.Return)] if method is not None else []
            )
            if method is None or len(returned) != 1:
                return TableArguments(None, False, ())
            given = _given(cls, method.params[0].name if method.params else "cls")
            return table_arguments(project, Term(returned[0], owner.path, method.qualname, given))
    return TableArguments("", False, ())


def _schema(arguments: TableArguments, member: Membership) -> str | None:
    return arguments.schema if arguments.says_schema or arguments.schema is None else member.metadata.schema
