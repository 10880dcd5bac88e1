"""Calls that SQLAlchemy 1.x took and 2.0 refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calling
from cdlint.project.classes import functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.values import evaluate

from ._declarative import membership
from ._handles import handle, overrides
from ._names import imports_it, is_used, outside_word
from ._statements import Place, receiver_of, statement
from ._terms import Term, settled
from ._version import is_two

_KEYWORDS = {
    "case": {"whens": "the cases themselves"},
    "MetaData": {"bind": "the engine where it is needed", "reflect": "`metadata.reflect(engine)`"},
    "create_engine": dict.fromkeys(("convert_unicode", "case_sensitive", "encoding"), ""),
    "declarative_base": {"bind": ""},
    "text": {"bind": ""},
    "Table": {"useexisting": "`extend_existing`", "autoload": "`autoload_with`"},
    "insert": {"values": "`.values(...)`"},
    "update": {"values": "`.values(...)`", "whereclause": "`.where(...)`"},
    "delete": {"whereclause": "`.where(...)`"},
    **{name: {"convert_unicode": ""} for name in ("String", "Text", "Unicode", "UnicodeText")},
}  # fmt: skip
"""Word -> its arguments that are gone, with what stands in for them."""
_LISTS = {"select": "the columns themselves", "case": "the cases themselves", "exists": "the columns themselves"}
_SESSIONS = frozenset({"Session", "sessionmaker"})
_ENGINE = frozenset({"execute", "scalar", "table_names", "has_table", "run_callable", "contextual_connect"})
_QUERY = frozenset({"from_self", "select_entity_from", "with_polymorphic"})
_EXECUTING = {
    "session": frozenset({"statement", "params", "execution_options", "bind_arguments", "bind", "kw"}),
    "connection": frozenset({"statement", "parameters", "execution_options"}),
}
_METHODS = _ENGINE | _QUERY | {"execute", "scalar", "scalars", "begin", "join", "outerjoin", "create_all", "drop_all"}
_WORDS = frozenset(_KEYWORDS) | frozenset(_LISTS) | _SESSIONS | {"mapper"}
IMPORTS = frozenset(
    {
        "relation",
        "eagerload",
        "eagerload_all",
        "joinedload_all",
        "subqueryload_all",
        "lazyload_all",
        "comparable_property",
    }
)
"""Names that `sqlalchemy.orm` no longer has."""


class Gone(NamedTuple):
    """Something that is not there any more: what the code writes, and what to write instead."""

    what: str
    instead: str
    at: At


def places(project: Project) -> tuple[Place, ...]:
    """The functions of files that import SQLAlchemy, or that call its objects, where 2.0 is in use."""
    paths = project.paths if project[is_used] and project[is_two] else ()
    return tuple(place for path in paths for place in project[_places_in, path])


def _places_in(project: Project, path: str) -> tuple[Place, ...]:
    imports = project[imports_it, path]
    found = [Place(path, each.qualname) for each in calling(project, path, _METHODS | _WORDS if imports else _METHODS)]
    main = Place(path, "")
    return tuple(found) if main in found or not imports else (main, *found)


def gone(project: Project, place: Place) -> Iterator[Gone]:
    """What a function calls that is not there any more."""
    function = project[functions_of, place.path].get(place.qualname)
    if function is None:
        return
    if not place.qualname:
        yield from _imports(project, place.path)
    for call in function.call_nodes:
        name = getattr(call.func, "last", "")
        receiver = receiver_of(call)
        if receiver is not None and name in _METHODS:
            yield from _method(project, place, call, receiver, name)
        if name in _WORDS:
            word = _word(project, place, call.func)
            if word == name:
                yield from _called(project, place, call, word)


def _imports(project: Project, path: str) -> Iterator[Gone]:
    module = project.module(path)
    for each in module.imports if module is not None else ():
        if each.module == "sqlalchemy.orm" and each.name in IMPORTS and each.kind == "runtime":
            instead = {"relation": "`relationship`", "eagerload": "`joinedload`"}.get(each.name, "")
            yield Gone(f"`sqlalchemy.orm.{each.name}`", instead, each.at)


def _word(project: Project, place: Place, func: Node) -> str:
    try:
        answer = evaluate(project, place, func)
    except CyclicFact:
        return ""
    return outside_word(answer.name) if isinstance(answer, Symbol) and answer.kind == "external" else ""


def _called(project: Project, place: Place, call: tree.Call, word: str) -> Iterator[Gone]:
    first = call.args[0] if call.args else None
    if word in _LISTS and first is not None and _is_list(project, place, first):
        yield Gone(f"`{word}([...])`", _LISTS[word], call.at)
    for each in call.keywords:
        instead = _KEYWORDS.get(word, {}).get(each.name or "")
        if instead is not None and not _is_off(each.value):
            yield Gone(f"`{word}({each.name}=...)`", instead, call.at)
        if word in _SESSIONS and each.name == "autocommit" and _is_true(each.value):
            yield Gone(f"`{word}(autocommit=True)`", "", call.at)
    if word == "mapper":
        yield Gone("`mapper()`", "`registry.map_imperatively()`", call.at)
    if word in ("update", "delete") and len(call.args) > 1:
        yield Gone(f"`{word}(table, condition)`", "`.where(...)`", call.at)
    if word == "MetaData" and first is not None:
        bound = handle(project, place, first)
        if bound is not None and bound.kind == "engine":
            yield Gone("`MetaData(engine)`", "the engine where it is needed", call.at)


def _is_list(project: Project, place: Place, node: Node) -> bool:
    if isinstance(node, tree.Path) and "." not in node.text:
        node = settled(project, Term(node, place.path, place.qualname)).node
    return isinstance(node, tree.Sequence) and node.kind == "list"


def _is_true(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is True


def _is_off(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def _method(project: Project, place: Place, call: tree.Call, receiver: Node, name: str) -> Iterator[Gone]:
    if name in ("create_all", "drop_all"):
        if not call.args and not call.keywords and _is_metadata(project, place, receiver):
            yield Gone(f"`metadata.{name}()` without an engine", f"`metadata.{name}(engine)`", call.at)
        return
    if name in _QUERY or name in ("join", "outerjoin"):
        yield from _of_query(project, place, call, receiver, name)
        return
    keywords = [each.name for each in call.keywords]
    if name not in _ENGINE and not keywords:
        return
    found = handle(project, place, receiver)
    kind = found.kind.removeprefix("async ") if found is not None else ""
    if found is None or overrides(project, found, name):
        return
    if found.kind == "engine" and name in _ENGINE:
        others = {"table_names": "`inspect(engine).get_table_names()`", "has_table": "`inspect(engine).has_table()`"}
        yield Gone(f"`engine.{name}()`", others.get(name, "a connection or session"), call.at)
    elif kind == "session" and name == "begin" and "subtransactions" in keywords:
        yield Gone("`session.begin(subtransactions=True)`", "`begin_nested()`, or one transaction", call.at)
    elif kind in _EXECUTING and name in ("execute", "scalar", "scalars") and call.args and None not in keywords:
        loose = [each for each in keywords if each and each not in _EXECUTING[kind] and not each.startswith("_")]
        if loose:
            instead = f'a dict: `{name}(statement, {{"{loose[0]}": ...}})`'
            yield Gone(f"`{kind}.{name}(statement, {loose[0]}=...)`", instead, call.at)


def _is_metadata(project: Project, place: Place, node: Node) -> bool:
    if not isinstance(node, tree.Path):
        return False
    try:
        answer = evaluate(project, place, node)
        owner = evaluate(project, place, node._replace(text=node.text.rpartition(".")[0])) if "." in node.text else None
    except CyclicFact:
        return False
    if isinstance(answer, Symbol) and answer.name in ("sqlalchemy.MetaData()", "sqlalchemy.schema.MetaData()"):
        return True
    known = isinstance(owner, Symbol) and owner.kind == "class" and node.text.endswith(".metadata")
    return known and isinstance(owner, Symbol) and project[membership, owner] is not None


def _of_query(project: Project, place: Place, call: tree.Call, receiver: Node, name: str) -> Iterator[Gone]:
    first = call.args[0] if call.args else None
    text = isinstance(first, tree.Constant) and isinstance(first.value, str)
    if name in ("join", "outerjoin") and not text:
        return
    about = statement(project, place, receiver)
    if about is None or (name in _QUERY and about.kind != "query") or about.kind not in ("query", "select"):
        return
    what = f"`{name}()` with a string" if text else f"`Query.{name}()`"
    instead = f"`{name}({about.cls.last}.{first.value})`" if text and isinstance(first, tree.Constant) else ""
    yield Gone(what, instead, call.at)


def is_asked(function: Function, at: At) -> bool:
    """Whether the code expects that a call may fail because of the version."""
    names = {"AttributeError", "TypeError", "ArgumentError", "ImportError"}
    return any(
        isinstance(node, tree.Try)
        and node.at[:2] <= at[:2] <= node.at[2:]
        and any(names & {getattr(part, "last", "") for part in tree.walk(each.type)} for each in node.handlers)
        for node in function.nodes
    )
