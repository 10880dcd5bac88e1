"""What makes a mapped class fail when Python first sees it: keys, annotations, reserved names, tables defined twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, resolve_in
from cdlint.project.imports import importers
from cdlint.project.places import is_aside
from cdlint.project.versions import satisfied

from ._absent import attributes
from ._columns import ColumnFact
from ._declarative import FRESH, membership
from ._models import Model, declared_table_name, model, models
from ._names import word
from ._registry import lineage

_HARMLESS = frozenset({"Index", "UniqueConstraint", "CheckConstraint", "ForeignKeyConstraint"})
_PLAIN_TYPES = ("builtins.", "datetime.", "decimal.", "uuid.", "typing.Any", "typing.List", "typing.Dict")
_WRAPPERS = frozenset({"typing.Optional", "typing.Union", "builtins.list", "builtins.dict", "builtins.set"})


class Fault(NamedTuple):
    """A fault of a class. `kind`: `key`, `annotation` or `reserved`; `name` is the attribute, or the table."""

    kind: str
    owner: Symbol
    name: str
    at: At
    written: str


def faults(project: Project, cls: Symbol) -> Iterator[Fault]:
    """The faults of a mapped class, those of mixins left to `unmapped`."""
    each = project[model, cls]
    if each is None or is_aside(cls.path) or project[attributes, cls] is None:
        return
    if _lacks_key(project, each):
        yield Fault("key", cls, each.table or "", each.at, "")
    yield from (fault for fault in project[unmapped] if fault.owner == cls or _is_first(project, fault, cls))
    for column in each.columns:
        reserved = column.attr == "metadata" and column.owner == cls and _style(project, cls) != "sqlmodel"
        if reserved and project[satisfied, (("sqlalchemy", "<2.1"),)]:
            yield Fault("reserved", cls, "metadata", column.at, "")


def _style(project: Project, cls: Symbol) -> str:
    member = project[membership, cls]
    return member.root.style if member is not None else ""


def _bindings(project: Project, cls: Symbol, name: str) -> list[Binding | None]:
    """What a class and its ancestors bind a name to; None for a method."""
    found: list[Binding | None] = []
    for owner in project[lineage, cls]:
        facts = class_facts(project, owner)
        if facts is None or name in facts.methods:
            found.append(None)
        found.extend(each for each in (facts.fields if facts is not None else ()) if each.name == name)
    return found


def _lacks_key(project: Project, each: Model) -> bool:
    cls = each.symbol
    if each.parent is not None or each.foreign or not (each.complete and each.sure and each.table and each.columns):
        return False
    if not (declared_table_name(project, cls) or _style(project, cls) == "sqlmodel"):
        return False
    if any(column.primary_key is not False or not _is_told(project, column) for column in each.columns):
        return False
    return not _bindings(project, cls, "__mapper_args__") and _has_harmless_arguments(project, cls)


def _is_told(project: Project, column: ColumnFact) -> bool:
    """Whether the annotation of a column is a plain type, and no alias that may bring a key along."""
    note = column.kind.note if column.kind is not None else None
    inner = note.inner if note is not None else None
    if inner is None:
        return column.kind is not None
    answer = (
        resolve_in(project, inner.path, inner.scope, inner.node.text) if isinstance(inner.node, tree.Path) else None
    )
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith(_PLAIN_TYPES)


def _has_harmless_arguments(project: Project, cls: Symbol) -> bool:
    """Whether `__table_args__` certainly says nothing of keys."""
    for binding in _bindings(project, cls, "__table_args__"):
        value = binding.value if binding is not None else None
        items = value.items if isinstance(value, tree.Sequence) else (value,)
        for item in items:
            harmless = isinstance(item, tree.Call) and getattr(item.func, "last", "") in _HARMLESS
            if not (harmless or isinstance(item, tree.Mapping)):
                return False
    return True


# `id: int = mapped_column(...)`


def unmapped(project: Project) -> tuple[Fault, ...]:
    """The columns of mapped classes, mixins included, whose annotation is a plain type."""
    found: dict[tuple[Symbol, str], Fault] = {}
    for cls in project[models]:
        for fault in () if is_aside(cls.path) else project[_unmapped_of, cls]:
            found.setdefault((fault.owner, fault.name), fault)
    return tuple(found.values())


def _unmapped_of(project: Project, cls: Symbol) -> tuple[Fault, ...]:
    if _style(project, cls) not in ("plain", "flask") or _bindings(project, cls, "__allow_unmapped__"):
        return ()
    found = []
    for owner in project[lineage, cls]:
        facts = class_facts(project, owner)
        for binding in facts.fields if facts is not None else ():
            if _is_unmapped(project, owner, binding):
                written = getattr(binding.annotation, "text", "")
                found.append(Fault("annotation", owner, binding.name, binding.at, written))
    return tuple(found)


def _is_first(project: Project, fault: Fault, cls: Symbol) -> bool:
    """Whether a class is the one at which the fault of a mixin is reported."""
    if project[model, fault.owner] is not None:
        return False
    return next((each for each in project[models] if fault.owner in project[lineage, each]), None) == cls


def _is_unmapped(project: Project, owner: Symbol, binding: Binding) -> bool:
    if binding.annotation_code is None or binding.callee.rpartition(".")[2] != "mapped_column":
        return False
    callee = resolve_in(project, owner.path, owner.name, binding.callee)
    return word(callee) == "mapped_column" and _is_plain_type(project, owner, binding.annotation)


def _is_plain_type(project: Project, owner: Symbol, node: Node | None) -> bool:
    if isinstance(node, tree.Binary) and node.op == "|":
        return all(_is_none(each) or _is_plain_type(project, owner, each) for each in node.terms)
    if isinstance(node, tree.Subscript):
        answer = _named(project, owner, node.value)
        return answer in _WRAPPERS
    return isinstance(node, tree.Path) and _named(project, owner, node).startswith(_PLAIN_TYPES)


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def _named(project: Project, owner: Symbol, node: Node) -> str:
    answer = resolve_in(project, owner.path, owner.name, node.text) if isinstance(node, tree.Path) else None
    return answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""


# Tables defined twice


def twice(project: Project) -> tuple[tuple[Symbol, Symbol], ...]:
    """Pairs of classes, the later one first, that define the same table and are certainly imported together."""
    groups: dict[tuple[str, str, str], list[Symbol]] = {}
    for cls in project[models]:
        each = project[model, cls]
        if each is not None and _defines(project, each):
            groups.setdefault((each.metadata, each.schema or "", each.table or ""), []).append(cls)
    found: list[tuple[Symbol, Symbol]] = []
    for group in groups.values():
        first, *others = group
        found.extend((cls, first) for cls in others if _meet(project, cls.path, first.path))
    return tuple(found)


def _defines(project: Project, each: Model) -> bool:
    """Whether a class certainly makes a table of its own and refuses one that is there already."""
    facts = class_facts(project, each.symbol)
    if facts is None or facts.conditional or facts.parent or is_aside(each.symbol.path):
        return False
    if each.metadata in ("", FRESH) or not each.table or each.schema is None or not each.sure or each.foreign:
        return False
    if each.shares_table or each.core is not None:
        return False
    return all(
        binding is not None and binding.value is not None and not _extends(binding.value)
        for binding in _bindings(project, each.symbol, "__table_args__")
    )


def _extends(value: Node) -> bool:
    """Whether table arguments may allow a second definition."""
    if not isinstance(value, (tree.Mapping, tree.Sequence)):
        return True
    for node in tree.walk(value):
        if isinstance(node, tree.Constant) and node.value in ("extend_existing", "keep_existing"):
            return True
        if isinstance(node, tree.Starred) or (isinstance(node, tree.Mapping) and any(k is None for k, _ in node.items)):
            return True
    items = value.items if isinstance(value, tree.Sequence) else ()
    return any(not isinstance(item, (tree.Call, tree.Mapping)) for item in items)


def _meet(project: Project, one: str, other: str) -> bool:
    """Whether some module of the program imports both files, itself or through others, whenever it runs."""
    return one == other or not project[reaching, one].isdisjoint(project[reaching, other])


def reaching(project: Project, path: str) -> frozenset[str]:
    """The files whose import runs a file, tests and examples left out."""
    found = {path}
    waiting = [path]
    while waiting:
        for importer, kind in project[importers].get(waiting.pop(), ()):
            if kind == "runtime" and importer not in found and not is_aside(importer):
                found.add(importer)
                waiting.append(importer)
    return frozenset(found)
