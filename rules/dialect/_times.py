"""Columns without a time zone behind asyncpg, and the values with one that are given to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.sessions import changes_in, sessions
from cdlint.backend.stack import databases
from cdlint.backend.tables import tables
from cdlint.facts import tree
from cdlint.facts.model import Binding, Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.classes import ancestry, class_facts, fields, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate
from cdlint.project.versions import is_direct

from ._columns import written_types

_MAKERS = frozenset({"Column", "mapped_column", "Field"})
_MODULES = ("sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql.sqltypes", "sqlalchemy.dialects.postgresql")
_TYPES = frozenset(f"{module}.{kind}" for module in _MODULES for kind in ("DateTime", "TIMESTAMP", "DATETIME"))
_DEFAULTS = ("default", "onupdate", "default_factory", "insert_default")
_TIMES = frozenset({"datetime", "datetime.datetime", "dt.datetime"})
_MAPPED = frozenset({"Mapped", "orm.Mapped", "so.Mapped"})
_NOW = frozenset({"datetime.datetime.now", "datetime.now", "datetime.datetime.fromtimestamp"})
_ASYNC = ("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio", "advanced_alchemy", "litestar")
_OTHERS = ("aiosqlite", "aiomysql", "asyncmy")
_PAST = frozenset({"migrations", "versions", "alembic"})
_DEPTH = 5


class Naive(NamedTuple):
    """A column whose values have no time zone."""

    owner: Symbol
    name: str
    path: str
    at: At


class Place(NamedTuple):
    """A function of a file, or a class with columns."""

    path: str
    qualname: str


class Mixed(NamedTuple):
    """A value with a time zone where a column takes none. `how` is `default`, `given` or `compared`."""

    how: str
    column: Naive
    at: At


def is_strict(project: Project) -> bool:
    """Whether asyncpg, which refuses such values, is certainly what the sessions talk through."""
    drivers = {each.driver for each in project[databases] if not is_aside(each.at.path)}
    if "asyncpg" not in drivers:
        return False
    if not drivers <= {"asyncpg", "", "psycopg2", "psycopg"}:
        return False
    if any(is_direct(project, each) for each in _OTHERS):
        return False
    made = [each for each in project[sessions] if not _is_past(each.at.path)]
    return all(each.is_async for each in made)


def _is_past(path: str) -> bool:
    return is_aside(path) or not _PAST.isdisjoint(path.split("/"))


def naive(project: Project) -> dict[tuple[Symbol, str], Naive]:
    """(model, attribute) -> the column, for those of a type without a time zone."""
    found = {}
    for table in project[tables]:
        if table.model is None or table.abstract or _is_past(table.model.path):
            continue
        for owner, binding in fields(project, table.model):
            is_time = any(each.attr == binding.name and each.type in _NAMES for each in table.columns)
            if is_time and _is_naive(project, table.model, owner, binding):
                found[table.model, binding.name] = Naive(owner, binding.name, owner.path, binding.at)
    return found


_NAMES = frozenset({"DateTime", "TIMESTAMP", "DATETIME", "datetime", None})


def _is_naive(project: Project, model: Symbol, owner: Symbol, binding: Binding) -> bool:
    """Whether a column has no time zone, by the type that is written out or by the annotation alone."""
    if binding.callee.rpartition(".")[2] not in _MAKERS:
        return not binding.callee and binding.value_code is None and _is_plain(project, model, binding)
    written = list(written_types(binding.value))
    for node in written:
        made = node.func if isinstance(node, tree.Call) else node
        answer = _value(project, (owner.path, ""), made)
        if isinstance(answer, Symbol) and answer.name in _TYPES:
            zone = node.argument(0, "timezone") if isinstance(node, tree.Call) else None
            return zone is None or (isinstance(zone, tree.Constant) and zone.value is False)
    return not written and _is_plain(project, model, binding)


def _is_plain(project: Project, model: Symbol, binding: Binding) -> bool:
    """Whether an annotation says no more than `Mapped[datetime]`, which is a `DateTime` without a zone.

    A bare `datetime` is SQLModel's, whose versions make different types of it.
    """
    above = project[ancestry, model]
    own = not above.unknown and all(each.startswith("sqlalchemy.") for each in above.external)
    if binding.annotation_code is None or not own or project[_maps_types]:
        # A base of some library may well map `datetime` to a type of its own.
        return False
    said = {each.text for each in tree.walk(binding.annotation) if isinstance(each, tree.Path)}
    return bool(said & _TIMES) and bool(said & _MAPPED) and said <= _TIMES | _MAPPED | {"Optional", "None"}


def _maps_types(project: Project) -> bool:
    """Whether some declarative base has types of its own for annotations."""
    return any(project[_maps_types_in, path] for path in project.paths)


def _maps_types_in(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None:
        return False
    named = (each.name for cls in module.classes for each in cls.fields)
    return "type_annotation_map" in named or any(each.mentions("type_annotation_map") for each in module.functions)


def holding(project: Project) -> tuple[Place, ...]:
    """The functions, and the modules with columns, that may give a value with a time zone."""
    if not any(project[_is_async, path] for path in project.paths) or not project[is_strict] or not project[naive]:
        return ()
    return tuple(place for path in project.paths if not _is_past(path) for place in project[_holding_in, path])


def _is_async(project: Project, path: str) -> bool:
    """Whether a file works with SQLAlchemy's asyncio."""
    module = project.module(path)
    return module is not None and any(each.module.startswith(_ASYNC) for each in module.imports)


def _wanted(project: Project) -> tuple[frozenset[Symbol], frozenset[str]]:
    """The classes that have such columns, and the names of those."""
    columns = project[naive].values()
    return frozenset(each.owner for each in columns), frozenset(each.name for each in columns)


def _holding_in(project: Project, path: str) -> tuple[Place, ...]:
    module = project.module(path)
    if module is None:
        return ()
    owners, names = project[_wanted]
    classes = (each.qualname for each in module.classes if Symbol("class", path, each.qualname) in owners)
    functions = (
        each.qualname for each in module.functions[1:] if each.calls and any(each.mentions(name) for name in names)
    )
    return tuple(Place(path, each) for each in (*classes, *functions))


def mixed(project: Project, place: Place) -> tuple[Mixed, ...]:
    """The values with a time zone that a class or a function gives to columns without one."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return tuple(_defaults(project, Symbol("class", place.path, place.qualname)))
    return tuple(dict.fromkeys(_given(project, place, function)))


def _defaults(project: Project, owner: Symbol) -> Iterator[Mixed]:
    columns = {each.name: each for each in project[naive].values() if each.owner == owner}
    facts = class_facts(project, owner)
    for binding in facts.fields if facts is not None else ():
        column = columns.get(binding.name)
        call = binding.value if column is not None else None
        inner = call.keyword("sa_column") if isinstance(call, tree.Call) else None
        for each, name in ((each, name) for each in (call, inner) for name in _DEFAULTS):
            if isinstance(each, tree.Call):
                value = each.keyword(name)
                if column is not None and value is not None and _gives_aware(project, (owner.path, ""), value):
                    yield Mixed("default", column, value.at)


def _gives_aware(project: Project, scope: Scope, node: Node) -> bool:
    """Whether calling a value gives a time with a zone."""
    if isinstance(node, tree.Lambda):
        return is_aware(project, scope, node.body)
    if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "partial" and node.args:
        bare = node.args[0]
        made = tree.Call(bare, node.args[1:], node.keywords, node.at)
        return isinstance(bare, tree.Path) and is_aware(project, scope, made)
    if isinstance(node, tree.Path):
        answer = _value(project, scope, node)
        return _is_aware_call(project, answer)
    return False


def _is_aware_call(project: Project, answer: object) -> bool:
    """Whether what is called is a function whose results all have a zone; one that calls itself is not said to."""
    try:
        return isinstance(answer, Symbol) and answer.kind == "function" and project[returns_aware, answer]
    except CyclicFact:
        return False


def returns_aware(project: Project, function: Symbol) -> bool:
    """Whether all that a function returns is a time with a zone."""
    facts = project[functions_of, function.path].get(function.name)
    if facts is None or facts.is_async or facts.is_generator:
        return False
    values = [node.value for node in facts.every(tree.Return)]
    scope = (function.path, function.name)
    return bool(values) and all(each is not None and is_aware(project, scope, each) for each in values)


def is_aware(project: Project, scope: Scope, node: Node | None, depth: int = _DEPTH) -> bool:
    """Whether a value is certainly a time with a zone."""
    if node is None or depth <= 0:
        return False
    if isinstance(node, tree.Binary) and node.op in ("+", "-"):
        return (
            is_aware(project, scope, node.terms[0], depth - 1)
            and len(node.terms) == 2
            and not is_aware(project, scope, node.terms[1], depth - 1)
        )
    if isinstance(node, tree.Path) and "." not in node.text:
        function = project[functions_of, scope[0]].get(scope[1]) if scope[1] else None
        if function is None or any(each.name == node.text for each in function.params):
            return False
        values = [value for value, _ in project[local_assignments, scope].get(node.text, ())]
        return bool(values) and all(is_aware(project, scope, each, depth - 1) for each in values)
    if not isinstance(node, tree.Call):
        return False
    last = getattr(node.func, "last", "")
    if isinstance(node.func, tree.Attribute):
        if last == "replace":
            zone = node.keyword("tzinfo")
            if zone is not None:
                return False
            return is_aware(project, scope, node.func.value, depth - 1)
        return last == "astimezone" and is_aware(project, scope, node.func.value, depth - 1)
    answer = _value(project, scope, node.func)
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "external" and answer.name in _NOW:
        zone = node.argument(1 if last == "fromtimestamp" else 0, "tz")
        return zone is not None and not (isinstance(zone, tree.Constant) and zone.value is None)
    return _is_aware_call(project, answer)


def _given(project: Project, place: Place, function: Function) -> Iterator[Mixed]:
    scope = (place.path, place.qualname)
    columns = project[naive]
    names = {name for _, name in columns}
    for node in function.nodes:
        if isinstance(node, tree.Call):
            yield from _in_call(project, scope, node, names)
        elif isinstance(node, tree.Compare) and len(node.terms) == 2:
            for column, value in (node.terms, node.terms[::-1]):
                if isinstance(column, tree.Path) and column.last in names and "." in column.text:
                    found = columns.get((_class(project, scope, column), column.last))
                    if found is not None and is_aware(project, scope, value):
                        yield Mixed("compared", found, value.at)
    changed = {each.at: each for each in project[changes_in, Symbol("function", *scope)]}
    for node in function.nodes:
        if isinstance(node, tree.Assign) and isinstance(node.targets[0], tree.Path):
            target = node.targets[0]
            if target.last in names and is_aware(project, scope, node.value):
                found = columns.get((_owner(project, scope, target), target.last)) or (
                    _only(project, target.last) if target.at in changed else None
                )
                if found is not None and node.value is not None:
                    yield Mixed("given", found, node.value.at)


def _in_call(project: Project, scope: Scope, call: tree.Call, names: set[str]) -> Iterator[Mixed]:
    """Keywords of `Model(...)`, and of `insert(Model).values(...)` and the like."""
    given = [each for each in call.keywords if each.name in names]
    if not given:
        return
    cls: Symbol | None = None
    if getattr(call.func, "last", "") == "values" and isinstance(call.func, tree.Attribute):
        start: Node = call.func
        while isinstance(start, (tree.Call, tree.Attribute)):
            inner = start.func if isinstance(start, tree.Call) else start.value
            if isinstance(inner, tree.Path) and isinstance(start, tree.Call):
                break
            start = inner
        if isinstance(start, tree.Call) and getattr(start.func, "last", "") in ("insert", "update") and start.args:
            answer = _value(project, scope, start.args[0])
            cls = answer if isinstance(answer, Symbol) and answer.kind == "class" else None
    else:
        answer = _value(project, scope, call.func)
        cls = answer if isinstance(answer, Symbol) and answer.kind == "class" else None
    for keyword in given:
        found = project[naive].get((cls, keyword.name)) if cls is not None and keyword.name is not None else None
        if found is not None and is_aware(project, scope, keyword.value):
            yield Mixed("given", found, keyword.value.at)


def _class(project: Project, scope: Scope, path: tree.Path) -> Symbol:
    answer = _value(project, scope, tree.Path(path.text.rpartition(".")[0], path.at))
    return answer if isinstance(answer, Symbol) and answer.kind == "class" else Symbol("class", "", "")


def _owner(project: Project, scope: Scope, path: tree.Path) -> Symbol:
    """The class of the instance whose attribute is set."""
    answer = _value(project, scope, tree.Path(path.text.rpartition(".")[0], path.at))
    known = isinstance(answer, Symbol) and answer.kind == "instance"
    return (
        Symbol("class", answer.path, answer.name) if known and isinstance(answer, Symbol) else Symbol("class", "", "")
    )


def _only(project: Project, name: str) -> Naive | None:
    """The column of this name, when every model that has one has it without a time zone."""
    owners = {table.model for table in project[tables] if any(each.attr == name for each in table.columns)}
    found = [each for (_, attribute), each in project[naive].items() if attribute == name]
    return found[0] if found and len(owners) == len(found) else None


def _value(project: Project, scope: Scope, node: Node) -> object:
    try:
        return evaluate(project, scope, node)
    except CyclicFact:
        return None
