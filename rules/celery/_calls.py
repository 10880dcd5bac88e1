"""Calls of tasks that Celery refuses or that fail in the worker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import TRANSPARENT, ancestry, class_facts, function_facts, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Evidence, Location

from ._deferred import deferred, mismatch, sent_by
from ._tasks import Task, tasks

_PLAIN = frozenset({"delay", "apply_async"})
_POOLS = frozenset({"celery_aio_pool", "celery_pool_asyncio", "celery_asyncio", "aio_celery"})
_ATOMIC = "django.db.transaction.atomic"
_MAPPED = (
    "django.db.models.", "sqlalchemy.orm.DeclarativeBase", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel",
    "flask_sqlalchemy.SQLAlchemy().Model", "sqlalchemy.orm.declarative_base()",
    "sqlalchemy.ext.declarative.declarative_base()", "pydantic.BaseModel", "pydantic.main.BaseModel",
)  # fmt: skip
_ROW = re.compile(
    r"django\.db\.models\.(?:\w+\.)*?Model\.(?:objects|_default_manager)"
    r"(?:\.(?:all|filter|exclude|order_by|select_\w+|prefetch_related|distinct|only|defer|using|annotate|reverse)\(\))*"
    r"\.(?:create|get|first|last|latest|earliest)\(\)"
    r"|django\.shortcuts\.get_object_or_404\(\)"
    r"|(?:sqlalchemy\.orm\.Session\(\)|sqlmodel\.Session\(\)|flask_sqlalchemy\.SQLAlchemy\(\)\.session)\.(?:get|get_one)\(\)"
)
"""Expressions that give one row of a model."""


class Misuse(NamedTuple):
    """A task or a call of one that fails."""

    at: Location
    message: str
    cure: str
    related: tuple[Evidence, ...]
    symbol: str


def misusing(project: Project) -> tuple[str, ...]:
    """The files in which anything is wrong with tasks, tests left out."""
    if not project[tasks]:
        return ()
    return tuple(path for path in project.paths if not is_aside(path) and project[misuses, path])


def misuses(project: Project, path: str) -> tuple[Misuse, ...]:
    """All that is wrong with tasks in one file."""
    module = project.module(path)
    if module is None:
        return ()
    found = [
        each for function in module.functions if function.decorator_codes for each in _of_task(project, path, function)
    ]
    for function in module.functions:
        if any(call.endswith((".delay", ".apply_async")) for call in function.calls):
            found.extend(_of_calls(project, path, function))
        found.extend(_of_deferred(project, path, function))
    return tuple(dict.fromkeys(found))


def _of_task(project: Project, path: str, function: Function) -> Iterator[Misuse]:
    task = project[tasks].get(Symbol("function", path, function.qualname))
    above = function.decorators[0]
    if task is not None and _is_atomic(project, path, function, above):
        message = f"`atomic` above the decorator of the task makes `{function.name}` a plain function without `delay`."
        cure = "Put it below the decorator of the task: a worker runs nothing of what is above."
        yield Misuse(Location(path, above.at), message, cure, (), "above")
    if task is None or not task.plain:
        return
    at = Location(path, function.at)
    if function.is_async and task.known and not project[has_async_pool]:
        message = f"The task `{function.name}` is `async def`: a worker calls it and never awaits what it returns."
        yield Misuse(at, message, "Make it a plain function that runs the coroutine with `asyncio.run`.", (), "async")
    if task.bound and not any(param.kind in ("positional", "positional-only", "*") for param in function.params):
        message = f"The task `{function.name}` is bound and has no parameter for the task itself."
        yield Misuse(at, message, "Take `self` as its first parameter, or leave `bind=True` out.", (), "bind")


def _is_atomic(project: Project, path: str, function: Function, decorator: Node) -> bool:
    """Whether a decorator opens a transaction around what is below it."""
    called = decorator.func if isinstance(decorator, tree.Call) else decorator
    answer = evaluate(project, (path, function.parent), called)
    return isinstance(answer, Symbol) and answer.name == _ATOMIC


def has_async_pool(project: Project) -> bool:
    """Whether something in the repository teaches workers to await tasks."""
    if any(project[_awaits, path] for path in project.paths):
        return True
    return any("celery_aio_pool" in (project.text(path) or "") for path in project.files("**/*requirements*.txt"))


def _awaits(project: Project, path: str) -> bool:
    """Whether a file imports such a pool, or has a class of tasks of its own."""
    module = project.module(path)
    if module is None:
        return False
    pools = any(each.module.partition(".")[0] in _POOLS for each in module.imports)
    return pools or any(_is_task_class(cls.base_codes) for cls in module.classes)


def _is_task_class(bases: tuple[tree.Code, ...]) -> bool:
    return any(str(code[1]).rpartition(".")[2] == "Task" for code in bases if code and code[0] == tree.TAG[tree.Path])


def _of_calls(project: Project, path: str, function: Function) -> Iterator[Misuse]:
    caller = project[tasks].get(Symbol("function", path, function.qualname))
    for call in function.call_nodes:
        func = call.func
        if isinstance(func, tree.Path) and func.last in _PLAIN and "." in func.text:
            answer = resolve_in(project, path, function.qualname, func.text.rpartition(".")[0])
            task = project[tasks].get(answer) if isinstance(answer, Symbol) else None
            if task is not None and task.known:
                yield from _of_call(project, (path, function), call, func.last, task)
        elif caller is not None and isinstance(func, tree.Attribute) and func.text == "get":
            yield from _waits(project, path, function, func.value, call)


def _waits(project: Project, path: str, function: Function, value: Node, call: tree.Call) -> Iterator[Misuse]:
    """`other.delay().get()` inside a task."""
    if not (isinstance(value, tree.Call) and isinstance(value.func, tree.Path) and value.func.last in _PLAIN):
        return
    answer = resolve_in(project, path, function.qualname, value.func.text.rpartition(".")[0])
    allowed = call.keyword("disable_sync_subtasks") is not None or function.mentions("allow_join_result")
    if isinstance(answer, Symbol) and answer in project[tasks] and not allowed:
        message = f"The task `{function.name}` waits for the result of another task, which Celery refuses."
        yield Misuse(Location(path, call.at), message, "Chain the tasks: `chain(first.s(), second.s())`.", (), "get")


def _of_call(
    project: Project, where: tuple[str, Function], call: tree.Call, method: str, task: Task
) -> Iterator[Misuse]:
    path, function = where
    facts = function_facts(project, task.function)
    sent = sent_by(call, method)
    if facts is None or sent is None:
        return
    related = (Evidence(Location(task.function.path, facts.at), f"the task `{facts.name}`"),)
    if task.plain:
        problem = mismatch(facts.params[1 if task.bound else 0 :], *sent)
        if problem:
            message = f"`{facts.name}.{method}` {problem}."
            yield Misuse(Location(path, call.at), message, "", related, f"{facts.name} {problem}")
            return
    if project[other_serializer]:
        return
    for value in (*sent[0], *(each for _, each in sent[1])):
        what = _unsendable(project, (path, function.qualname), value)
        if what and task.plain:
            message = f"`{facts.name}.{method}` is given {what}, which cannot be written as JSON."
            cure = "Send what identifies it, such as its primary key, and load it in the task."
            yield Misuse(Location(path, _at(value, call)), message, cure, related, f"{facts.name} {what}")


def _of_deferred(project: Project, path: str, function: Function) -> Iterator[Misuse]:
    """The same for calls that are made later or elsewhere: signatures, `partial`, entries of schedules."""
    for each in deferred(project, path, function):
        facts = function_facts(project, each.task.function)
        if facts is None or not each.task.known or not each.task.plain:
            continue
        problem = mismatch(facts.params[1 if each.task.bound else 0 :], each.args, each.named)
        if problem and (each.whole or not problem.startswith("leaves out")):
            related = (Evidence(Location(each.task.function.path, facts.at), f"the task `{facts.name}`"),)
            message = f"{each.words.format(facts.name)} {problem}."
            yield Misuse(Location(path, each.at), message, "", related, f"{facts.name} {problem}")
            continue
        for value in (*each.args, *(value for _, value in each.named)) if not project[other_serializer] else ():
            what = _unsendable(project, (path, function.qualname), value)
            if what:
                message = f"{each.words.format(facts.name)} is given {what}, which cannot be written as JSON."
                cure = "Send what identifies it, such as its primary key, and load it in the task."
                yield Misuse(Location(path, each.at), message, cure, (), f"{facts.name} {what}")


def _at(node: Node, call: tree.Call) -> At:
    found: At = getattr(node, "at", call.at)
    return found


def other_serializer(project: Project) -> bool:
    """Whether anything speaks of another way to write messages than JSON."""
    return any(project[_serializes, path] for path in project.paths)


def _serializes(project: Project, path: str) -> bool:
    """Whether a file brings serializers of its own, or asks for `pickle` by its name."""
    module = project.module(path)
    if module is None:
        return False
    if any("kombu" in each.module for each in module.imports):
        return True
    if any("pickle" in words(code) for function in module.functions for code in function.decorator_codes):
        return True
    return any(
        node.value == "pickle"
        for function in module.functions
        if function.mentions("pickle")
        for node in function.every(tree.Constant)
    )


def _unsendable(project: Project, scope: tuple[str, str], node: Node) -> str:
    """What makes a value one that JSON cannot hold, `""` when nothing is known to."""
    if isinstance(node, tree.Sequence) and node.kind == "set":
        return "a set"
    if not isinstance(node, (tree.Path, tree.Call)):
        return ""
    value = evaluate(project, scope, node)
    if isinstance(value, Symbol) and value.kind == "external" and _ROW.fullmatch(value.name):
        return "a row of a model"
    if not isinstance(value, Symbol) or value.kind != "instance":
        return ""
    cls = Symbol("class", value.path, value.name)
    above = project[ancestry, cls]
    if above.unknown or any(
        "__json__" in (facts.methods if (facts := class_facts(project, each)) else ()) for each in above.first_party
    ):
        return ""
    outside = [name for name in above.external if name not in TRANSPARENT]
    # `TextChoices` are texts.
    mapped = any(name.startswith(_MAPPED) and not name.endswith("Choices") for name in outside)
    return f"an instance of `{value.name}`" if mapped or not outside else ""
