"""Where code names an attribute of a mapped class that the class does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside

from ._absent import attributes, has_own_constructor, is_given_later
from ._declarative import membership
from ._models import model, models
from ._registry import home_table, lineage
from ._statements import Place, Statement, mapped_class, receiver_of, statement

_BUILDING = frozenset({"filter_by", "values", "order_by", "update"})
_STARTING = frozenset({"query", "select", "update", "insert"})


class Missing(NamedTuple):
    """A use of an attribute that is not there.

    `kind`: `read`, `argument`, `filter_by`, `values`, `order_by`; `instance` or `set` of an instance, `row` of a row.
    """

    kind: str
    cls: Symbol | None
    """None for a row."""
    name: str
    at: At


class Holders(NamedTuple):
    """The mapped classes by name, and the words of the modules and packages that hold them."""

    classes: frozenset[str]
    words: frozenset[str]


def holders(project: Project) -> Holders:
    """What to look for before any body is read."""
    symbols = project[models]
    words = {part for each in symbols for part in each.path.removesuffix(".py").split("/")[-2:]}
    return Holders(frozenset(each.last for each in symbols), frozenset(words))


def naming(project: Project) -> tuple[Place, ...]:
    """The functions that may name an attribute of a mapped class; tests and examples are left out."""
    paths = [path for path in project.paths if not is_aside(path)] if project[holders].classes else []
    return tuple(place for path in paths for place in project[_naming_in, path])


def _naming_in(project: Project, path: str) -> tuple[Place, ...]:
    here = project[roots, path]
    module = project.module(path) if here else None
    functions = module.functions if module is not None else ()
    return tuple(Place(path, function.qualname) for function in functions if _may_use(function, here))


def roots(project: Project, path: str) -> frozenset[str]:
    """The names of a module by which it may reach mapped classes."""
    known = project[holders]
    module = project.module(path)
    if module is None:
        return frozenset()
    found = {each.name for each in module.classes if each.name in known.classes}
    for each in module.imports:
        if each.name == "*":
            found |= known.classes
        elif each.name in known.classes or (each.name or each.module.rpartition(".")[2]) in known.words:
            found.add(each.alias)
    return frozenset(found)


def _may_use(function: Function, names: frozenset[str]) -> bool:
    return any(function.mentions(name) for name in names)


def missing(project: Project, place: Place) -> tuple[Missing, ...]:
    """The uses in a function of attributes that are not there."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return ()
    here = frozenset(each for each in project[roots, place.path] if function.mentions(each))
    found = [*_reads(project, place, function, here), *_arguments(project, place, function, here)]
    words = function.lasts
    if "filter_by" in words or not (words.isdisjoint(_BUILDING) or words.isdisjoint(_STARTING)):
        found.extend(_built(project, place, function))
    found = [each for each in found if not is_minded(function, each) and not project[is_given_later, each.name]]
    return tuple(sorted(set(found), key=lambda each: (each.at, each.name)))


def lacks(project: Project, cls: Symbol, name: str) -> bool:
    """Whether a mapped class, all of whose attributes are known, has none of this name."""
    if name.startswith("_"):
        return False
    known = project[attributes, cls]
    if known is None or name in known:
        return False
    member = project[membership, cls]
    return not (name.startswith("model_") and member is not None and member.root.style == "sqlmodel")


# `User.name`


def _reads(project: Project, place: Place, function: Function, names: frozenset[str]) -> Iterator[Missing]:
    wanted: dict[str, tuple[Symbol, str]] = {}
    for root in names:
        for text in function.paths_from(root):
            found = _split(project, place, text)
            if found is not None and lacks(project, *found) and not _is_shadowed(project, place, function, root):
                wanted[text] = found
    for variable, cls in _aliases(project, place, function):
        for text in function.paths_from(variable):
            name = text.split(".")[1]
            if lacks(project, cls, name):
                wanted[text] = (cls, name)
    if wanted:
        written = {t.text for each in _walked(function, tree.Assign) for t in each.targets if isinstance(t, tree.Path)}
        for node in _walked(function, tree.Path):
            if node.text in wanted and node.text not in written:
                yield Missing("read", *wanted[node.text], node.at)


def _walked(function: Function, kind: type) -> Iterator[Node]:
    return (node for node in function.nodes if isinstance(node, kind))


def _split(project: Project, place: Place, text: str) -> tuple[Symbol, str] | None:
    """The class and the attribute of a dotted name."""
    parts = text.split(".")
    for index in range(1, len(parts)):
        cls = mapped_class(project, place, ".".join(parts[:index]))
        if cls is not None:
            return cls, parts[index]
    return None


def _is_shadowed(project: Project, place: Place, function: Function, root: str) -> bool:
    """Whether a lambda, a comprehension or a class body gives the name another meaning."""
    if not place.qualname:
        module = project.module(place.path)
        if any(binding.name == root for each in module.classes for binding in each.fields) if module else True:
            return True
    return any(root in node.params for node in function.every(tree.Lambda)) or any(
        isinstance(each, tree.Path) and each.text == root
        for node in function.every(tree.Generator)
        for each in tree.walk(node.target)
    )


def _aliases(project: Project, place: Place, function: Function) -> Iterator[tuple[str, Symbol]]:
    """The local names given to `aliased(User)`."""
    if not any(call.rpartition(".")[2] == "aliased" for call in function.calls) or not place.qualname:
        return
    for name, values in project[local_assignments, place].items():
        call = values[0][0] if len(values) == 1 else None
        if isinstance(call, tree.Call) and getattr(call.func, "last", "") == "aliased" and len(call.args) == 1:
            given = call.args[0]
            cls = mapped_class(project, place, given.text) if isinstance(given, tree.Path) else None
            if cls is not None and not any(param.name == name for param in function.params):
                yield name, cls


# `User(name=...)`


def _arguments(project: Project, place: Place, function: Function, names: frozenset[str]) -> Iterator[Missing]:
    wanted: dict[str, Symbol] = {}
    for text in function.calls:
        root = text.partition(".")[0]
        cls = mapped_class(project, place, text) if root in names else None
        if cls is not None and project[attributes, cls] is not None and not has_own_constructor(project, cls):
            wanted[text] = cls
    if not wanted:
        return
    for call in function.call_nodes:
        cls = wanted.get(call.func.text) if isinstance(call.func, tree.Path) else None
        for each in call.keywords if cls is not None else ():
            name = each.name or ""
            lacking = cls is not None and name != "" and lacks(project, cls, name)
            if cls is not None and lacking and not _is_shadowed(project, place, function, call.func.root):
                yield Missing("argument", cls, name, each.value.at)


# `filter_by(name=...)`, `values(name=...)`, `order_by("name")`


def _built(project: Project, place: Place, function: Function) -> Iterator[Missing]:
    for call in function.call_nodes:
        name = getattr(call.func, "last", "")
        given = tuple(_given(call, name)) if name in _BUILDING else ()
        receiver = receiver_of(call) if given else None
        about = statement(project, place, receiver) if receiver is not None else None
        if about is None or not _fits(name, about):
            continue
        known = _columns_too(project, about) if name != "filter_by" else frozenset()
        for text, at in given:
            if known is not None and text not in known and lacks(project, about.cls, text):
                yield Missing("values" if name == "update" else name, about.cls, text, at)


def _fits(name: str, about: Statement) -> bool:
    if name == "update":
        return about.kind == "query"
    return about.kind in ("update", "insert") if name == "values" else True


def _given(call: tree.Call, name: str) -> Iterator[tuple[str, At]]:
    if name in ("filter_by", "values"):
        yield from ((each.name, each.value.at) for each in call.keywords if each.name)
    if name in ("values", "update"):
        for node in call.args[:1]:
            for key, _ in node.items if isinstance(node, tree.Mapping) else ():
                if isinstance(key, tree.Constant) and isinstance(key.value, str):
                    yield key.value, key.at
    if name == "order_by":
        for node in call.args:
            if isinstance(node, tree.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                yield node.value, node.at


def _columns_too(project: Project, about: Statement) -> frozenset[str] | None:
    """The names in the database, by which statements and labels may call columns; None when one is not known."""
    found: set[str] = set()
    for owner in project[lineage, about.cls]:
        each = project[model, owner]
        if each is None:
            continue
        home = home_table(project, each)
        for column in each.columns:
            if column.name is None or home.table is None:
                return None
            found.update((column.name, f"{home.table}_{column.name}"))
    return frozenset(found)


def is_minded(function: Function, each: Missing) -> bool:
    """Whether the code asks whether the attribute is there, or expects that it is not."""
    for node in function.nodes:
        if isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("hasattr", "getattr"):
            if any(isinstance(arg, tree.Constant) and arg.value == each.name for arg in node.args):
                return True
        elif isinstance(node, tree.Try) and node.at[:2] <= each.at[:2] <= node.at[2:]:
            for handler in node.handlers:
                if {"AttributeError", "TypeError"} & {getattr(part, "last", "") for part in tree.walk(handler.type)}:
                    return True
    return False
