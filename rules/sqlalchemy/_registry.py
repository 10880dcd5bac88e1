"""All mapped classes and tables by the registry and metadata they belong to, and what makes those open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts, resolve_in

from ._declarative import membership
from ._models import Model, model, models
from ._names import RELATIONSHIPS, imports_it, is_used, outside_word
from ._relations import RelationFact
from ._tables import CoreTable, core_tables, reflections


class Entry(NamedTuple):
    """A table, whoever describes it."""

    name: str | None
    schema: str | None
    metadata: str
    columns: frozenset[str]
    complete: bool
    sure: bool
    path: str
    at: At

    @property
    def key(self) -> str:
        """The name by which foreign keys find it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name or ""


class Late(NamedTuple):
    """What statements outside class bodies do to mapped classes."""

    attributes: tuple[tuple[Symbol, str], ...]
    """Attributes given to a class afterwards: (class, name)."""
    mapped: tuple[str, ...]
    """Names of the classes that are mapped by a call."""
    anything: bool
    """Whether some code gives attributes to classes that are not known."""
    classes: bool
    """Whether some code makes classes by calling `type`."""


def registry(project: Project, key: str) -> dict[str, tuple[Symbol, ...]]:
    """The mapped classes of a registry by name; classes of unknown registries are in each."""
    found: dict[str, list[Symbol]] = {}
    for symbol in project[models]:
        each = project[model, symbol]
        if each is not None and each.registry in ("", key):
            found.setdefault(symbol.last, []).append(symbol)
    return {name: tuple(symbols) for name, symbols in found.items()}


def entries(project: Project, metadata: str) -> dict[str, tuple[Entry, ...]]:
    """The tables of a metadata by key; those of unknown metadata are in each."""
    found: dict[str, list[Entry]] = {}
    for entry in project[all_entries]:
        if entry.metadata in ("", metadata):
            found.setdefault(entry.key, []).append(entry)
    return {key: tuple(each) for key, each in found.items()}


def all_entries(project: Project) -> tuple[Entry, ...]:
    """Every table of the repository."""
    tables = {each.variable: each for each in project[core_tables] if each.variable is not None}
    found = [_of_core(each) for each in project[core_tables]]
    for symbol in project[models]:
        each = project[model, symbol]
        if each is None:
            continue
        if each.core is not None:
            if each.core not in tables:
                found.append(_of_model(each, None, each.schema, frozenset(), False))
            continue
        home = _home(project, each)
        if home.core is None:
            names = frozenset(column.name for column in each.columns if column.name is not None)
            complete = each.complete and len(names) == len(each.columns)
            found.append(_of_model(each, home.table, home.schema, names, complete))
    return tuple(found)


def _home(project: Project, each: Model) -> Model:
    """The class whose table a class uses."""
    while each.shares_table and each.parent is not None:
        above = project[model, each.parent]
        if above is None:
            break
        each = above
    return each


def home_table(project: Project, each: Model) -> Model:
    """The class whose table a class uses: itself, or an ancestor in single-table inheritance."""
    return _home(project, each)


def _of_core(each: CoreTable) -> Entry:
    names = frozenset(column.name for column in each.columns if column.name is not None)
    return Entry(each.name, each.schema, each.metadata, names, each.complete, True, each.path, each.at)


def _of_model(each: Model, name: str | None, schema: str | None, names: frozenset[str], complete: bool) -> Entry:
    return Entry(name, schema, each.metadata, names, complete, each.sure, each.symbol.path, each.at)


def open_metadata(project: Project, key: str) -> str:
    """Why a metadata may have tables that are not seen, or `""`."""
    if not key:
        return "it is not known which metadata it is"
    for each in project[reflections]:
        if each.metadata in ("", key):
            return each.what
    for entry in project[all_entries]:
        if entry.metadata in ("", key) and (entry.name is None or not entry.sure):
            return f"the name of a table in `{entry.path}` is computed"
    for symbol in project[models]:
        found = project[model, symbol]
        if found is not None and found.metadata == key and _has_company(found):
            return "other packages have tables in the same metadata"
    return "classes are made by calling `type`" if project[late].classes else ""


def open_registry(project: Project, key: str) -> str:
    """Why a registry may have classes that are not seen, or `""`."""
    if not key:
        return "it is not known which registry it is"
    for symbol in project[models]:
        found = project[model, symbol]
        if found is not None and found.registry == key and _has_company(found):
            return "other packages have classes in the same registry"
    return "classes are made by calling `type`" if project[late].classes else ""


def _has_company(found: Model) -> bool:
    """Whether a class shows that classes of other packages are beside it, which it may be related to."""
    return not found.closed or any(each.foreign for each in found.relations)


# What happens to classes afterwards

_MAKERS = RELATIONSHIPS | {
    "column_property",
    "synonym",
    "backref",
    "composite",
    "association_proxy",
    "deferred",
    "Column",
    "mapped_column",
}
_SETTERS = frozenset({"setattr", "add_property", "add_properties"})
_MAPPERS = frozenset({"map_imperatively", "mapper", "map_declaratively"})


def late(project: Project) -> Late:
    """What code outside class bodies does to mapped classes."""
    attributes: list[tuple[Symbol, str]] = []
    mapped: list[str] = []
    anything = classes = False
    for path in project.paths if project[is_used] else ():
        if project[imports_it, path]:
            found = project[_late_in, path]
            attributes.extend(found.attributes)
            mapped.extend(found.mapped)
            anything |= found.anything
            classes |= found.classes
    return Late(tuple(attributes), tuple(mapped), anything, classes)


def _late_in(project: Project, path: str) -> Late:
    module = project.module(path)
    attributes: list[tuple[Symbol, str]] = []
    mapped: list[str] = []
    anything = classes = False
    for function in module.functions if module is not None else ():
        words = function.lasts
        makes = not words.isdisjoint(_MAKERS)
        anything |= makes and not words.isdisjoint(_SETTERS)
        if makes:
            for target in _dotted_targets(function.body):
                owner, _, name = target.rpartition(".")
                answer = resolve_in(project, path, function.qualname, owner)
                if isinstance(answer, Symbol) and answer.kind == "class":
                    attributes.append((answer, name))
                elif owner != "self":
                    anything = True
        if not words.isdisjoint(_MAPPERS):
            mapped.extend(_mapped_by_call(project, path, function.qualname, function.body))
        if "type" in words:
            classes |= any(_makes_class(project, path, function.qualname, call) for call in function.call_nodes)
    return Late(tuple(attributes), tuple(mapped), anything, classes)


def _dotted_targets(body: tuple[tree.Node, ...]) -> Iterator[str]:
    """`User.posts` for `User.posts = relationship(...)`."""
    for node in tree.walk(*body):
        if isinstance(node, tree.Assign) and isinstance(node.value, tree.Call):
            func = node.value.func
            if isinstance(func, (tree.Path, tree.Attribute)) and func.last in _MAKERS:
                yield from (t.text for t in node.targets if isinstance(t, tree.Path) and "." in t.text)


def _mapped_by_call(project: Project, path: str, scope: str, body: tuple[tree.Node, ...]) -> Iterator[str]:
    for call in tree.calls(*body):
        func = call.func
        if isinstance(func, (tree.Path, tree.Attribute)) and func.last in _MAPPERS:
            given = call.argument(0, "class_")
            if isinstance(given, tree.Path):
                answer = resolve_in(project, path, scope, given.text)
                yield answer.last if isinstance(answer, Symbol) else given.last


def _makes_class(project: Project, path: str, scope: str, call: tree.Call) -> bool:
    """Whether `type(name, bases, names)` may make a mapped class."""
    if not (isinstance(call.func, tree.Path) and call.func.text == "type" and len(call.args) == 3):
        return False
    given = call.args[1]
    if not isinstance(given, tree.Sequence):
        return True
    answers = [resolve_in(project, path, scope, n.text) if isinstance(n, tree.Path) else None for n in given.items]
    return not all(isinstance(answer, Symbol) and _is_plain(project, answer) for answer in answers)


def _is_plain(project: Project, symbol: Symbol) -> bool:
    if symbol.kind == "class":
        return project[membership, symbol] is None
    return symbol.kind == "external" and not outside_word(symbol.name)


# Questions that rules ask


def target(project: Project, source: Model, text_: str) -> Symbol | None:
    """The one class that a string means in the registry of a class."""
    found = [
        symbol
        for symbol in project[registry, source.registry].get(text_.rpartition(".")[2], ())
        if "." not in text_ or matches(symbol, text_)
    ]
    return found[0] if len(found) == 1 else None


def matches(symbol: Symbol, dotted: str) -> bool:
    """Whether a dotted name, which may be cut short on the left, means the class."""
    module = symbol.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    whole = f".{module}.{symbol.last}"
    return whole.endswith(f".{dotted}")


def attribute_names(project: Project, cls: Symbol) -> frozenset[str] | None:
    """Every attribute that a mapped class has, backrefs included; None when there may be more."""
    each = project[model, cls]
    if each is None or each.foreign or project[late].anything or not each.closed:
        return None
    if "__versioned__" in each.names or any(_is_dynamic(project, owner) for owner in project[lineage, cls]):
        return None
    found = set(each.names)
    for owner, name in project[late].attributes:
        if owner in project[lineage, cls]:
            found.add(name)
    for symbol, names in project[backrefs].items():
        if symbol is None or symbol in project[lineage, cls]:
            if None in names:
                return None
            found.update(name for name in names if name)
    return frozenset(found)


def lineage(project: Project, cls: Symbol) -> tuple[Symbol, ...]:
    """A class and its ancestors in the repository, nearest first."""
    member = project[membership, cls]
    return member.lineage if member is not None else (cls,)


def is_related(project: Project, one: Symbol, other: Symbol) -> bool:
    """Whether rows of one class may be rows of the other."""
    return one in project[lineage, other] or other in project[lineage, one]


def _is_dynamic(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls)
    return facts is None or "__init_subclass__" in facts.methods


def backrefs(project: Project) -> dict[Symbol | None, frozenset[str | None]]:
    """Class -> the attributes that `backref=` of others gives it; under None when the class is not known."""
    found: dict[Symbol | None, set[str | None]] = {}
    for symbol in project[models]:
        each = project[model, symbol]
        for relation in each.relations if each is not None else ():
            if each is not None and (relation.backref != "" or relation.open):
                found.setdefault(destination(project, each, relation), set()).add(relation.backref or None)
    return {symbol: frozenset(names) for symbol, names in found.items()}


def destination(project: Project, source: Model, relation: RelationFact) -> Symbol | None:
    """The mapped class that a relationship leads to."""
    if relation.target is not None:
        return relation.target if project[model, relation.target] is not None else None
    return target(project, source, relation.target_name.text) if relation.target_name is not None else None


def close_to(name: str, known: Iterable[str]) -> str:
    """The one known name that looks most like a misspelled one, or `""`."""
    import difflib

    found = difflib.get_close_matches(name, sorted(known), 1, 0.75)
    return found[0] if found else ""
