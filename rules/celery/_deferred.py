"""Calls of tasks that are written down and made later: signatures in chains, `partial`, entries of schedules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Param
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.values import evaluate

from ._tasks import Task, tasks

_SIGNS = (".s", ".si")
_CHAINS = frozenset({"celery.chain", "celery.canvas.chain"})
_RESULT = tree.Constant(None, (0, 0, 0, 0))
"""Stands for the result that a task in a chain gets from the one before."""


class Deferred(NamedTuple):
    """What a task will get. `whole` says that this is all; `words` how the message begins."""

    task: Task
    args: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]
    whole: bool
    at: At
    words: str


def deferred(project: Project, path: str, function: Function) -> Iterator[Deferred]:
    """All of them in a function."""
    last = function.lasts
    signs = bool(last & {"s", "si"})
    entries = function.mentions("schedule") and function.mentions("task")
    if not signs and not entries and "send_task" not in last and "on_commit" not in last:
        return
    where = (path, function.qualname)
    seen: set[At] = set()
    for node in function.nodes:
        if isinstance(node, tree.Mapping) and entries:
            yield from _scheduled(project, node)
        elif isinstance(node, tree.Binary) and node.op == "|":
            yield from _linked(project, where, node.terms, seen)
        elif isinstance(node, tree.Call):
            if getattr(node.func, "last", "") == "on_commit" and node.args:
                yield from _partial(project, where, node.args[0])
            elif getattr(node.func, "last", "") == "send_task":
                yield from _sent_by_name(project, node)
            elif getattr(node.func, "last", "") == "chain" and len(node.args) > 1:
                callee = evaluate(project, where, node.func)
                if isinstance(callee, Symbol) and callee.name in _CHAINS:
                    yield from _linked(project, where, node.args, seen)
            elif node.at not in seen:
                yield from _signature(project, where, node, ())


def _linked(project: Project, where: tuple[str, str], parts: tuple[Node, ...], seen: set[At]) -> Iterator[Deferred]:
    """The signatures behind the first of a chain: each gets the result of the one before."""
    for before, part in pairwise(parts):
        known = isinstance(before, tree.Call) and getattr(before.func, "text", "").endswith(_SIGNS)
        if isinstance(part, tree.Call) and known:
            seen.add(part.at)
            yield from _signature(project, where, part, (_RESULT,))


def _signature(
    project: Project, where: tuple[str, str], call: tree.Call, before: tuple[Node, ...]
) -> Iterator[Deferred]:
    """`task.s(...)`, which may get more arguments in front, and `task.si(...)`, which does not."""
    text = call.func.text if isinstance(call.func, tree.Path) else ""
    if not text.endswith(_SIGNS):
        return
    answer = resolve_in(project, *where, text.rpartition(".")[0])
    task = project[tasks].get(answer) if isinstance(answer, Symbol) else None
    sent = sent_by(call, "delay")
    if task is not None and sent is not None:
        fixed = text.endswith(".si")
        args = sent[0] if fixed else (*before, *sent[0])
        words = "The chain with `{}.s`" if before and not fixed else f"`{{}}{text[text.rfind('.') :]}`"
        yield Deferred(task, args, sent[1], fixed or bool(before), call.at, words)


def _partial(project: Project, where: tuple[str, str], node: Node) -> Iterator[Deferred]:
    """`on_commit(partial(task.delay, ...))` and `on_commit(task.delay)`, which are called with nothing more."""
    target: Node | None = node
    args: tuple[Node, ...] = ()
    keywords: tuple[tree.Keyword, ...] = ()
    if isinstance(node, tree.Call):
        if getattr(node.func, "last", "") != "partial" or not node.args:
            return
        target, args, keywords = node.args[0], node.args[1:], node.keywords
    if not isinstance(target, tree.Path) or target.last not in ("delay", "apply_async"):
        return
    answer = resolve_in(project, *where, target.text.rpartition(".")[0])
    task = project[tasks].get(answer) if isinstance(answer, Symbol) else None
    sent = sent_by(tree.Call(target, args, keywords, target.at), target.last)
    if task is not None and sent is not None:
        yield Deferred(task, *sent, True, target.at, f"`on_commit` with `{{}}.{target.last}`")


def _sent_by_name(project: Project, call: tree.Call) -> Iterator[Deferred]:
    """`app.send_task("name", args=[...])`."""
    name = call.argument(0, "name")
    task = _named(project, name)
    inner = tree.Call(call.func, call.args[1:], tuple([e for e in call.keywords if e.name != "name"]), call.at)
    sent = sent_by(inner, "apply_async") if task is not None else None
    if task is not None and sent is not None:
        yield Deferred(task, *sent, True, call.at, "`send_task` of `{}`")


def _scheduled(project: Project, node: tree.Mapping) -> Iterator[Deferred]:
    """`{"task": "name", "schedule": ..., "args": (...)}`."""
    items = {key.value: value for key, value in node.items if isinstance(key, tree.Constant)}
    if "schedule" not in items or len(items) < len(node.items):
        return
    task = _named(project, items.get("task"))
    given = [tree.Keyword(name, items[name]) for name in ("args", "kwargs") if name in items]
    sent = sent_by(tree.Call(tree.Path("task", (0, 0, 0, 0)), (), tuple(given), (0, 0, 0, 0)), "apply_async")
    if task is not None and sent is not None:
        yield Deferred(task, *sent, True, items["task"].at, "The schedule of `{}`")


def _named(project: Project, name: Node | None) -> Task | None:
    """The one task that has a name."""
    text = name.value if isinstance(name, tree.Constant) and isinstance(name.value, str) else ""
    found = []
    for task in project[tasks].values() if text else ():
        whole = task.function.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if task.name == text or (not task.name and f".{whole}.{task.function.last}".endswith(f".{text}")):
            found.append(task)
    return found[0] if len(found) == 1 and ("." in text or found[0].name) else None


def sent_by(call: tree.Call, method: str) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]] | None:
    """The arguments that a task gets from a call; None when they are computed."""
    if method == "delay":
        starred = any(isinstance(each, tree.Starred) for each in call.args)
        named = [(each.name, each.value) for each in call.keywords if each.name is not None]
        return None if starred or len(named) < len(call.keywords) else (call.args, tuple(named))
    if any(each.name is None for each in call.keywords) or any(isinstance(each, tree.Starred) for each in call.args):
        return None
    args, kwargs = call.argument(0, "args"), call.argument(1, "kwargs")
    if len(call.args) > 2:
        return None
    items: tuple[Node, ...] = ()
    if isinstance(args, tree.Sequence) and args.kind != "set":
        items = args.items
    elif args is not None and not _is_none(args):
        return None
    pairs: list[tuple[str, Node]] = []
    if isinstance(kwargs, tree.Mapping):
        for key, value in kwargs.items:
            if not isinstance(key, tree.Constant) or not isinstance(key.value, str):
                return None
            pairs.append((key.value, value))
    elif kwargs is not None and not _is_none(kwargs):
        return None
    return None if any(isinstance(each, tree.Starred) for each in items) else (items, tuple(pairs))


def _is_none(node: Node) -> bool:
    return isinstance(node, tree.Constant) and node.value is None


def mismatch(params: tuple[Param, ...], args: tuple[Node, ...], named: tuple[tuple[str, Node], ...]) -> str:
    """Why a task cannot be called like this, `""` when it can."""
    kinds = {param.kind for param in params}
    places = [param for param in params if param.kind in ("positional", "positional-only")]
    if "*" not in kinds and len(args) > len(places):
        return f"passes {len(args)} arguments to a task that takes {len(places)}"
    names = {param.name for param in params if param.kind in ("positional", "keyword")}
    unknown = [name for name, _ in named if name not in names] if "**" not in kinds else []
    if unknown:
        return f"passes `{unknown[0]}`, which the task does not take"
    given = {param.name for param in places[: len(args)]} | {name for name, _ in named}
    needed = [param for param in params if param.kind in ("positional", "positional-only", "keyword")]
    missing = [param.name for param in needed if param.default_code is None and param.name not in given]
    return f"leaves out `{missing[0]}`, which the task needs" if missing else ""
