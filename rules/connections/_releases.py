"""Connections that a `with` block gives back, and what goes on with them after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.classes import function_facts
from cdlint.project.flow import Step, order, walk
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate, local_assignments

_PACKAGES = frozenset({"asyncpg", "aiosqlite", "psycopg", "psycopg_pool", "aiopg", "aiomysql", "asyncmy", "sqlalchemy",
                       "sqlmodel", "flask_sqlalchemy"})  # fmt: skip
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
_TALKS = frozenset({"execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "fetchall", "fetchone",
                    "scalar", "scalars", "cursor", "commit", "copy_records_to_table", "transaction", "prepare",
                    "exec_driver_sql", "begin"})  # fmt: skip


class Escape(NamedTuple):
    """`how`: `returned`, `stored` (as `what`), `used` (by calling `what`) or `twice` (started by two blocks)."""

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
    module = project.module(path)
    if module is None or is_aside(path) or _VERBS.isdisjoint(project[called_names, path]):
        return ()
    return tuple(
        Symbol("function", path, each.qualname)
        for each in module.functions[1:]
        if any(call[call.rfind(".") + 1 :] in _VERBS for call in each.calls)
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
        for node in tree.walk(*facts.body):
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


def _after(project: Project, function: Symbol, facts: Function) -> Iterator[Escape]:
    """The connection used after the block."""
    scope = (function.path, function.name)
    found: dict[str, Escape] = {}

    def step(state: frozenset[tuple[str, At]], step: Step) -> frozenset[tuple[str, At]]:
        """The state: names of connections that are given back, with the block that did it."""
        if step.kind == "leave" and isinstance(step.target, tree.Path):
            if step.value is not None and releases(project, scope, step.value):
                return state | {(step.target.text, step.node.at)}
            return state
        for node, _ in order(step.value) if step.value is not None and state else ():
            owner, _, verb = getattr(getattr(node, "func", None), "text", "").rpartition(".")
            for name, block in sorted(state):
                if isinstance(node, tree.Call) and owner == name and verb in _TALKS:
                    found.setdefault(name, Escape(function, "used", name, f"{owner}.{verb}()", node.at, block))
        if step.kind in ("enter", "assign", "item") and isinstance(step.target, tree.Path):
            state = frozenset(each for each in state if each[0] != step.target.text)
        return state

    walk(facts.body, frozenset[tuple[str, At]](), step, frozenset.union)
    names = project[local_assignments, scope]
    yield from (each for each in found.values() if len(names.get(each.name, ())) == 1)
