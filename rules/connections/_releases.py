"""Connections and cursors that are given back or closed, and what goes on with them after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import callers_by_name, calling
from cdlint.project.classes import function_facts
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate

from ._closings import closed_by_block, closed_by_call, may_close

_PACKAGES = frozenset({"asyncpg", "aiosqlite", "psycopg", "psycopg_pool", "aiopg", "aiomysql", "asyncmy", "sqlalchemy",
                       "sqlmodel", "flask_sqlalchemy", "sqlite3", "psycopg2"})  # fmt: skip
_POOLS = frozenset({"asyncpg", "psycopg_pool", "aiopg", "aiomysql", "asyncmy"})
_RELEASING = frozenset(
    {
        "aiosqlite.connect", "aiosqlite.core.connect", "psycopg.connect", "psycopg.Connection.connect",
        "psycopg.AsyncConnection.connect",
        "asyncpg.create_pool().acquire", "asyncpg.Pool().acquire", "asyncpg.pool.Pool().acquire",
        *(f"psycopg_pool.{pool}().connection" for pool in ("ConnectionPool", "AsyncConnectionPool")),
        *(f"{engine}.{verb}" for engine in ("sqlalchemy.create_engine()", "sqlalchemy.Engine()",
                                            "sqlalchemy.engine.Engine()", "sqlalchemy.ext.asyncio.AsyncEngine()",
                                            "sqlalchemy.ext.asyncio.create_async_engine()")
          for verb in ("connect", "begin")),
    }
)  # fmt: skip
"""Callables whose value a `with` block closes or gives back for good."""
_VERBS = frozenset(name.rpartition(".")[2] for name in _RELEASING)
_CLOSING = frozenset({"close", "closing", "aclosing", "cursor"})
_TALKS = frozenset({"execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "fetchall", "fetchone",
                    "fetchmany",
                    "scalar", "scalars", "cursor", "commit", "copy_records_to_table", "transaction", "prepare",
                    "exec_driver_sql", "begin"})  # fmt: skip


class Escape(NamedTuple):
    """`how`: `returned`, `stored` (as `what`), `used` (by `what`) after the block, `closed` (used by `what` after
    `close()`) or `twice` (started by two blocks)."""

    function: Symbol
    how: str
    name: str
    what: str
    at: At
    block: At


def acquiring(project: Project) -> tuple[Symbol, ...]:
    """The functions that enter a block which gives a connection back, as far as names tell."""
    if not project[packages]:
        return ()
    return tuple(symbol for path in project.paths for symbol in project[_acquiring_in, path])


def _acquiring_in(project: Project, path: str) -> tuple[Symbol, ...]:
    if is_aside(path) or (_VERBS | _CLOSING).isdisjoint(project[callers_by_name, path]):
        return ()
    entering = {each.qualname for each in calling(project, path, _VERBS)}
    return tuple(
        Symbol("function", path, each.qualname)
        for each in calling(project, path, _VERBS | _TALKS)
        if each.qualname and (each.qualname in entering or may_close(each))
    )


def packages(project: Project) -> frozenset[str]:
    """The database packages that the repository imports."""
    return frozenset().union(*(project[_packages_in, path] for path in project.paths))


def _packages_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    roots = {each.module.partition(".")[0] for each in module.imports} if module is not None else set()
    return _PACKAGES & roots


def escapes(project: Project, function: Symbol) -> Iterator[Escape]:
    """What a function does with connections that are already given back."""
    facts = function_facts(project, function)
    if facts is None:
        return
    scope = (function.path, function.name)
    try:
        for node in facts.nodes:
            for context, target in node.items if isinstance(node, tree.With) else ():
                if isinstance(target, tree.Path) and releases(project, scope, context):
                    yield from _out_of(function, facts, node, target.text)
                if _starts_twice(project, scope, context):
                    yield Escape(function, "twice", "", _written(context), context.at, node.at)
        yield from _after(project, function, facts)
    except CyclicFact:
        return


def releases(project: Project, scope: Scope, context: Node) -> bool:
    """Whether a `with` block of this context closes the connection that it gives."""
    value = context.value if isinstance(context, tree.Await) else context
    if not isinstance(value, tree.Call):
        return False
    answer = evaluate(project, scope, value.func)
    if isinstance(answer, Symbol):
        return answer.name in _RELEASING
    owner, _, verb = getattr(value.func, "text", "").rpartition(".")
    pooled = "pool" in owner.rpartition(".")[2].lower() and verb in ("acquire", "connection")
    return pooled and not _POOLS.isdisjoint(project[packages])


def _starts_twice(project: Project, scope: Scope, context: Node) -> bool:
    """`async with await connect()`: the connection's thread is started by `await` and again by the block."""
    if not isinstance(context, tree.Await) or not isinstance(context.value, tree.Call):
        return False
    answer = evaluate(project, scope, context.value.func)
    return isinstance(answer, Symbol) and answer.name in ("aiosqlite.connect", "aiosqlite.core.connect")


def _written(context: Node) -> str:
    value = context.value if isinstance(context, tree.Await) else context
    return f"{getattr(value.func, 'text', '...')}()" if isinstance(value, tree.Call) else ""


def _out_of(function: Symbol, facts: Function, node: tree.With, name: str) -> Iterator[Escape]:
    """The connection returned, or stored by the last statement of the block."""
    if facts.is_generator:
        return
    for inner in tree.walk(*node.body):
        if isinstance(inner, tree.Return) and getattr(inner.value, "text", "") == name:
            yield Escape(function, "returned", name, "", inner.at, node.at)
    last = node.body[-1]
    if isinstance(last, tree.Assign) and getattr(last.value, "text", "") == name:
        target = last.targets[0]
        text = getattr(target, "text", "")
        if "." in text or text in facts.outer:
            yield Escape(function, "stored", name, text, last.at, node.at)


class Ended(NamedTuple):
    """A name that is of no use any more. `how`: `used` after a block, `closed` after a call."""

    name: str
    at: At
    how: str


def _after(project: Project, function: Symbol, facts: Function) -> Iterator[Escape]:
    """What is used after it was given back or closed, whichever way led there."""
    scope = (function.path, function.name)
    found: dict[tuple[str, At], Escape] = {}
    alive: set[tuple[str, At]] = set()

    def used(state: frozenset[Ended], name: str, what: str, at: At) -> None:
        ended = min((each for each in state if each.name == name), default=None)
        if ended is None:
            alive.add((name, at))
        else:
            found.setdefault((name, at), Escape(function, ended.how, name, what, at, ended.at))

    def step(state: frozenset[Ended], step: Step) -> frozenset[Ended]:
        """The state: the names that have come to their end."""
        if step.kind == "leave" and isinstance(step.target, tree.Path) and step.value is not None:
            ended = set(closed_by_block(project, scope, step.value, step.target.text))
            if releases(project, scope, step.value):
                ended.add(step.target.text)
            return state | {Ended(name, step.node.at, "used") for name in ended}
        for node, _ in order(step.value) if step.value is not None else ():
            name, what = _talks(node)
            if what:
                used(state, name, what, node.at)
            state |= {Ended(name, node.at, "closed") for name in closed_by_call(project, scope, node)}
        if step.kind == "item" and isinstance(step.value, tree.Path):
            used(state, step.value.text, step.value.text, step.value.at)
        if step.kind in ("enter", "assign", "item") and isinstance(step.target, tree.Path):
            state = frozenset(each for each in state if each.name != step.target.text)
        return state

    walk(facts.body, frozenset[Ended](), step, _either)
    values = project[local_assignments, scope]
    params = {param.name for param in facts.params}
    told: set[str] = set()
    for key, each in found.items():
        once = len(values.get(each.name, ())) == (0 if each.name in params else 1)
        if once and key not in alive and each.name not in told:
            told.add(each.name)
            yield each


def _either(one: frozenset[Ended], other: frozenset[Ended]) -> frozenset[Ended]:
    """What has ended whichever of two ways was taken."""
    both = {each.name for each in one} & {each.name for each in other}
    return frozenset(each for each in one | other if each.name in both)


def _talks(node: Node) -> tuple[str, str]:
    """The name that a call talks to the database by, and the call as it is written; `""` when it does not."""
    text = getattr(node.func, "text", "") if isinstance(node, tree.Call) else ""
    owner, _, verb = text.rpartition(".")
    return (owner, f"{text}()") if verb in _TALKS else ("", "")
