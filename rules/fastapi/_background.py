"""Where a session that belongs to one request is handed to work that goes on after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import function_facts
from cdlint.project.values import evaluate
from cdlint.project.versions import satisfied

from ._given import depended, givens, handlers, provider

_SESSIONS = ("Session()", "AsyncSession()", "sessionmaker()()", "async_sessionmaker()()", "scoped_session()")
_TASKS = frozenset({"fastapi.BackgroundTasks()", "fastapi.background.BackgroundTasks()",
                    "starlette.background.BackgroundTasks()"})  # fmt: skip
_STARTING = frozenset({"create_task", "ensure_future", "run_coroutine_threadsafe"})


class Captured(NamedTuple):
    """A call that hands a session on. `kind`: `background` or `task`."""

    function: Symbol
    at: At
    kind: str
    name: str
    provider: Symbol


def captured(project: Project) -> tuple[Captured, ...]:
    """All of them."""
    found: dict[tuple[str, At], Captured] = {}
    for handler in project[handlers]:
        facts = function_facts(project, handler.function)
        words = facts.lasts if facts is not None else frozenset()
        if facts is not None and words & {"add_task", *_STARTING}:
            for each in _in_handler(project, handler.function, facts):
                found.setdefault((handler.function.path, each.at), each)
    return tuple(found.values())


def closed_before_tasks(project: Project) -> bool:
    """Whether this FastAPI certainly ends dependencies before background tasks run."""
    return project[satisfied, (("fastapi", ">=0.106,<0.118"),)]


def _in_handler(project: Project, function: Symbol, facts: Function) -> Iterator[Captured]:
    sessions = dict(_sessions(project, function))
    scope = (function.path, function.name)
    for node in facts.nodes if sessions else ():
        call = node.value if isinstance(node, tree.Expression) else None
        if not isinstance(call, tree.Call):
            continue
        name = getattr(call.func, "last", "")
        if name == "add_task" and project[closed_before_tasks]:
            owner = evaluate(project, scope, call.func)
            if isinstance(owner, Symbol) and owner.name.removesuffix(".add_task") in _TASKS:
                yield from _handed(function, call, call, sessions, "background")
        elif name in _STARTING and call.args and isinstance(call.args[0], tree.Call):
            owner = evaluate(project, scope, call.func)
            if isinstance(owner, Symbol) and owner.name.startswith("asyncio."):
                yield from _handed(function, call, call.args[0], sessions, "task")


def _sessions(project: Project, function: Symbol) -> Iterator[tuple[str, Symbol]]:
    """The parameters that are sessions of dependencies that yield, which end with the request."""
    for given in project[givens, function]:
        for scope, _, node in depended(project, given):
            symbol = provider(project, scope, node)
            facts = function_facts(project, symbol) if symbol is not None else None
            if symbol is None or facts is None or not facts.is_generator:
                continue
            value = evaluate(project, (function.path, function.name), tree.Path(given.param.name, given.param.at))
            if isinstance(value, Symbol) and value.kind == "external" and value.name.endswith(_SESSIONS):
                yield given.param.name, symbol


def _handed(
    function: Symbol, call: tree.Call, taking: tree.Call, sessions: dict[str, Symbol], kind: str
) -> Iterator[Captured]:
    given: list[Node] = [*taking.args, *(keyword.value for keyword in taking.keywords)]
    for node in given:
        if isinstance(node, tree.Path) and node.text in sessions:
            yield Captured(function, call.at, kind, node.text, sessions[node.text])
