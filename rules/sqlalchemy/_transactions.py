"""Where a transaction of SQLAlchemy is open: `begin()` blocks, and from a session's first write to its commit."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.backend.collected import provides
from cdlint.backend.sessions import Change, changes_in
from cdlint.backend.transactions import Opener, Transaction, openers, transactions
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names, callees, sites_in, target
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._sessions import ENGINES, FACTORIES, SESSIONS

WRITES = frozenset({"add", "add_all", "delete", "merge", "flush", "bulk_save_objects", "bulk_insert_mappings"})
ENDS = frozenset({"commit", "rollback", "close", "expunge_all", "invalidate", "reset"})
_DEPTH = 5


@provides(openers)
def sqlalchemy_openers(project: Project) -> tuple[Opener, ...]:
    """`begin()` of sessions, session factories, engines and connections, and savepoints."""
    names = [f"{owner}.begin" for owner in (*SESSIONS, *FACTORIES, *ENGINES)]
    return tuple(Opener(name) for name in sorted([*names, *(f"{owner}.begin_nested" for owner in SESSIONS)]))


@provides(transactions)
def written_sessions(project: Project) -> tuple[Transaction, ...]:
    """From the first write of a session to its commit, where both stand in one block."""
    paths = (path for path in project.paths if not is_aside(path) and "commit" in project[called_names, path])
    return tuple(each for path in paths for each in project[_written_in, path])


def _written_in(project: Project, path: str) -> tuple[Transaction, ...]:
    found: list[Transaction] = []
    module = project.module(path)
    for function in module.functions[1:] if module else ():
        for name in _committed(function):
            session = evaluate(project, (path, function.qualname), tree.Path(name, function.at))
            if isinstance(session, Symbol) and session.name in SESSIONS:
                symbol = Symbol("function", path, function.qualname)
                changed = tuple(each for each in project[changes_in, symbol] if each.session == name)
                found.extend(_regions(project, symbol, function.body, name, changed))
    return tuple(found)


def _committed(function: Function) -> tuple[str, ...]:
    """The receivers, as written, on which a function commits."""
    committed = {call[: -len(".commit")] for call in function.calls if call.endswith(".commit")}
    return tuple(sorted(name for name in committed if not name.startswith("?")))


def _regions(
    project: Project, function: Symbol, block: tuple[Node, ...], session: str, changed: tuple[Change, ...]
) -> Iterator[Transaction]:
    """The regions in a block and in the blocks inside it."""
    write: tuple[At, str] | None = None
    first = 0
    for index, statement in enumerate(block):
        call = _call_on(statement, session)
        if call is not None and call.func.last in ENDS:
            if write is not None and call.func.last == "commit" and index > first + 1:
                between = block[first + 1 : index]
                inside = (*between[0].at[:2], *between[-1].at[2:])
                yield Transaction(function, "session", inside, Location(function.path, write[0]), write[1])
            write = None
        elif write is None and call is not None and call.func.last in WRITES:
            write, first = (call.at, f"{session}.{call.func.last}()"), index
        elif write is None:
            write, first = _change(statement, changed), index
        elif _may_end(project, function, statement, session):
            write = None
        if call is None:
            for inner in _blocks(statement):
                yield from _regions(project, function, inner, session, changed)


def _change(statement: Node, changed: tuple[Change, ...]) -> tuple[At, str] | None:
    """The assignment to a row that a plain statement is."""
    plain = isinstance(statement, (tree.Assign, tree.AugAssign))
    return next(((each.at, each.what) for each in changed if plain and each.at[0] == statement.at[0]), None)


def _call_on(statement: Node, session: str) -> tree.Call | None:
    """The call of a method of the session that is all of a statement."""
    value = statement.value if isinstance(statement, (tree.Expression, tree.Assign)) else None
    value = value.value if isinstance(value, tree.Await) else value
    if isinstance(value, tree.Call) and isinstance(value.func, tree.Path):
        owner, _, name = value.func.text.rpartition(".")
        if owner == session and name in WRITES | ENDS:
            return value
    return None


def _may_end(project: Project, function: Symbol, statement: Node, session: str) -> bool:
    """Whether a statement may end the session's transaction, itself or through what it calls."""
    if any(isinstance(node, (tree.Return, tree.Raise)) for node in tree.walk(statement)):
        return True
    for site in sites_in(project, (function.path, function.name), statement):
        name = getattr(site.call.func, "last", "")
        if name in ENDS:
            return True
        called = target(project, site.answer)
        if called is not None:
            if project[ends_something, called]:
                return True
        elif not (isinstance(site.answer, Symbol) and site.answer.kind in ("external", "class")):
            given = (*site.call.args, *(keyword.value for keyword in site.call.keywords))
            if any(isinstance(node, tree.Path) and node.text == session for node in tree.walk(*given)):
                return True
    return False


def ends_something(project: Project, function: Symbol) -> bool:
    """Whether a function, or one that it calls, commits, rolls back or closes something."""
    frontier, seen = [function], {function}
    for _ in range(_DEPTH):
        following: list[Symbol] = []
        for current in frontier:
            facts = function_facts(project, current)
            if facts is not None and not ENDS.isdisjoint(facts.lasts):
                return True
            following.extend(called for called, _ in project[callees, current] if called not in seen)
        seen.update(following)
        frontier = following
    return False


def _blocks(statement: Node) -> Iterator[tuple[Node, ...]]:
    """The blocks directly inside a statement."""
    if isinstance(statement, (tree.If, tree.For, tree.While)):
        yield from (statement.body, statement.orelse)
    elif isinstance(statement, tree.With):
        yield statement.body
    elif isinstance(statement, tree.Try):
        yield from (statement.body, *(handler.body for handler in statement.handlers))
        yield from (statement.orelse, statement.final)
    elif isinstance(statement, tree.Match):
        yield from (case.body for case in statement.cases)
