"""Rows of constant SELECT statements: which columns they have, in the function that runs it and wherever they go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import calling
from cdlint.project.classes import function_facts, functions_of
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.rule import Location

from ._composed import HOLE
from ._schema import schema
from ._sites import Place, executing, sites, value_of, varying

_ONE = frozenset({"fetchone", "fetchrow"})
_MANY = frozenset({"fetchall", "fetchmany", "fetch", "execute_fetchall"})
_DRIVERS = frozenset({"sqlite", "psycopg", "asyncpg"})
_DEPTH = 6


class Rows(NamedTuple):
    """What a statement gives. `kind`: `cursor`, `many` or `one`; `at` is the statement."""

    kind: str
    columns: frozenset[str]
    at: Location


def columns_of(project: Project, text: str, dialect: str) -> frozenset[str] | None:
    """The names of the columns that a SELECT gives, in lower case; None when they are not all known."""
    from sqlglot import exp

    from ._parsed import parse

    found = parse(text, dialect)
    select = found if isinstance(found, exp.Select) else None
    if select is None or select.find(exp.CTE) is not None:
        return None
    names: set[str] = set()
    if any(HOLE[1:] in each.sql() for each in select.expressions):
        return None
    for each in select.expressions:
        if isinstance(each, exp.Star) or isinstance(getattr(each, "this", None), exp.Star):
            own = _of_star(project, select, each)
            if own is None:
                return None
            names |= own
        elif each.alias_or_name:
            names.add(each.alias_or_name.lower())
        elif dialect != "sqlite":
            return None  # Others give names of their own to what has none.
    return frozenset(names)


def _of_star(project: Project, select: object, star: object) -> frozenset[str] | None:
    """All columns of the tables of a statement, or of the one before the star."""
    from sqlglot import exp

    assert isinstance(select, exp.Select)
    tables = {each.alias_or_name.lower(): each.name.lower() for each in select.find_all(exp.Table)}
    owner = star.table.lower() if isinstance(star, exp.Column) else ""
    wanted = [tables.get(owner, "")] if owner else [*tables.values()]
    known = [project[schema].columns.get(each) for each in wanted]
    if not known or select.find(exp.Subquery) is not None:
        return None
    return None if any(each is None for each in known) else frozenset(name for each in known for name in each or ())


def executed(project: Project, place: Place) -> dict[tree.At, Rows]:
    """The calls in a function that run such a statement -> what they give."""
    found: dict[tree.At, set[Rows | None]] = {}
    for site in (*project[sites, place], *project[varying, place]):
        columns = columns_of(project, site.text, site.dialect) if site.driver in _DRIVERS else None
        kind = "many" if site.method in _MANY else "one" if site.method in _ONE else "cursor"
        rows = (
            Rows(_given(project, place, site.call, kind), columns, Location(place.path, site.at)) if columns else None
        )
        found.setdefault(site.call.at, set()).add(rows)
    return {at: rows for at, ways in found.items() if len(ways) == 1 and (rows := next(iter(ways))) is not None}


def _given(project: Project, place: Place, call: tree.Call, kind: str) -> str:
    """What a call gives: of a function of the repository, what that fetches."""
    answer = value_of(project, place, call.func)
    facts = function_facts(project, answer) if isinstance(answer, Symbol) else None
    if facts is None:
        return kind
    fetched = {_fetched(node.value) for node in facts.every(tree.Return)}
    return fetched.pop() if len(fetched) == 1 else "unknown"


def _fetched(node: Node | None) -> str:
    inner = node.value if isinstance(node, tree.Await) else node
    name = getattr(inner.func, "last", "") if isinstance(inner, tree.Call) else ""
    return "one" if name in _ONE else "many" if name in _MANY else "unknown"


def rows_of(project: Project, place: Place, node: Node | None, depth: int = _DEPTH) -> Rows | None:
    """The rows that an expression of a function gives, None when they are not known."""
    if node is None or depth <= 0:
        return None
    if isinstance(node, tree.Await):
        return rows_of(project, place, node.value, depth)
    if isinstance(node, tree.Call):
        return _of_call(project, place, node, depth)
    if isinstance(node, tree.Path) and "." not in node.text and place.qualname:
        return _of_name(project, place, node.text, depth)
    return None


def _of_call(project: Project, place: Place, call: tree.Call, depth: int) -> Rows | None:
    run = project[executed, place].get(call.at)
    if run is not None:
        return run if run.kind != "unknown" else None
    name = getattr(call.func, "last", "")
    if name in _ONE | _MANY:
        owner, _, _ = getattr(call.func, "text", "").rpartition(".")
        held: Node = tree.Path(owner, call.at) if isinstance(call.func, tree.Path) else call.func.value
        cursor = rows_of(project, place, held, depth - 1)
        kind = "one" if name in _ONE else "many"
        return cursor._replace(kind=kind) if cursor is not None and cursor.kind == "cursor" else None
    answer = value_of(project, place, call.func)
    return project[given_by, answer] if isinstance(answer, Symbol) and answer.kind == "function" else None


def given_by(project: Project, function: Symbol) -> Rows | None:
    """The rows that a function returns, None when it may return something else; nothing at all is no row."""
    facts = function_facts(project, function)
    if facts is None or facts.is_generator or facts.decorator_codes:
        return None
    place = Place(function.path, function.name)
    try:
        found = {rows_of(project, place, node.value) for node in facts.every(tree.Return) if not _is_none(node.value)}
    except CyclicFact:
        return None
    return found.pop() if len(found) == 1 else None


def _is_none(node: Node | None) -> bool:
    return node is None or (isinstance(node, tree.Constant) and node.value is None)


def _of_name(project: Project, place: Place, name: str, depth: int) -> Rows | None:
    function = project[functions_of, place.path].get(place.qualname)
    if function is None or any(each.name == name for each in function.params):
        return None
    found = {
        _of_value(project, place, name, value, depth) for value, _ in project[local_assignments, place].get(name, ())
    }
    looped = {_of_loop(project, place, each, name, depth) for each in _loops(function, name)}
    if looped and found <= {None}:
        found = looped
    return found.pop() if len(found) == 1 else None


def _of_value(project: Project, place: Place, name: str, value: Node | None, depth: int) -> Rows | None:
    given = rows_of(project, place, value, depth - 1)
    if given is None and isinstance(value, tree.Call) and getattr(value.func, "last", "") == "cursor":
        return _run_on(project, place, name)
    return given


def _run_on(project: Project, place: Place, cursor: str) -> Rows | None:
    """What the one statement gives that a function runs on a cursor."""
    function = project[functions_of, place.path][place.qualname]
    calls = [each for each in function.call_nodes if getattr(each.func, "text", "") in _runs(cursor)]
    return project[executed, place].get(calls[0].at) if len(calls) == 1 else None


def _runs(cursor: str) -> tuple[str, ...]:
    return tuple(f"{cursor}.{name}" for name in ("execute", "executemany", "executescript", "callproc"))


def _loops(function: Function, name: str) -> Iterator[Node]:
    for node in function.nodes:
        if isinstance(node, (tree.For, tree.Generator)) and getattr(node.target, "text", "") == name:
            yield node


def _of_loop(project: Project, place: Place, node: Node, name: str, depth: int) -> Rows | None:
    given = rows_of(project, place, node.iterable, depth - 1)
    return given._replace(kind="one") if given is not None and given.kind in ("many", "cursor") else None


def readers(project: Project) -> tuple[Place, ...]:
    """The functions that may read rows: that run statements, or call a function that gives rows."""
    own = project[executing]
    names = frozenset(
        place.qualname.rpartition(".")[2]
        for place in own
        if place.qualname and project[given_by, Symbol("function", place.path, place.qualname)] is not None
    )
    paths = [path for path in project.paths if names and not is_aside(path)]
    calls = [Place(path, each.qualname) for path in paths for each in calling(project, path, names)]
    return tuple(dict.fromkeys((*own, *calls)))
