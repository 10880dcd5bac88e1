"""Calls in a function that give a coroutine which nobody awaits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.coroutines import coroutine_calls
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import words
from cdlint.project.classes import function_facts
from cdlint.project.flow_tests import never_run
from cdlint.project.values import evaluate

from ._coroutines import context_names, gives_coroutine
from ._fields import is_kept_as_value
from ._outside import HANDLING, ROUTING
from ._suspects import known_names
from ._uses import ENTERED, INSIDE, RETURNED, TESTS, Use, attribute_use, uses

_AGAIN = ("Any", "Awaitable", "Callable", "Coroutine", "Future", "Task", "object")
"""Words of annotations of what may have to be awaited again."""

_WAITING = frozenset(
    {
        "add", "add_task", "append", "create_task", "ensure_future", "extend", "gather", "put", "put_nowait", "run",
        "run_coroutine_threadsafe", "run_until_complete", "schedule", "shield", "spawn", "start_soon", "submit", "wait",
        "wait_for",
    }
)  # fmt: skip
"""What runs the coroutines that it is given, or keeps them for that."""


class Misuse(NamedTuple):
    """A call whose coroutine is lost. `first` is the first use of the name that it is kept in."""

    call: tree.Call
    name: str
    target: Symbol
    use: Use
    first: Node | None


def misuses(project: Project, function: Symbol) -> Iterator[Misuse]:
    """The certain ones of a function, in source order."""
    facts = function_facts(project, function)
    module = project.module(function.path)
    if facts is None or module is None:
        return
    every = project[known_names].every
    seen = tuple(uses(*facts.body))
    for node, use in seen:
        if (
            not isinstance(node, tree.Call)
            or use.kind in ("passed", "awaited")
            or getattr(node.func, "last", "") not in every
        ):
            continue
        if use == ENTERED and getattr(node.func, "last", "") in project[context_names]:
            continue
        lost = _lost(project, function, facts, use, seen)
        if lost is None or (lost[0] == ENTERED and getattr(node.func, "last", "") in project[context_names]):
            continue
        answer = evaluate(project, (function.path, function.name), node.func)
        if not isinstance(answer, Symbol) and node.at in coroutine_calls(project, function):
            answer = Symbol("external", "", _written(node.func))
        elif not gives_coroutine(project, answer) or _is_bound_twice(project, function, node.func):
            continue
        dead = any(tree.within(node.at, at) for at in never_run(*facts.body))
        if not dead and (use.kind != "stored" or _is_kept_only(project, function, facts, use.how)):
            assert isinstance(answer, Symbol)
            yield Misuse(node, _written(node.func), answer, *lost)


def _lost(
    project: Project, function: Symbol, facts: Function, use: Use, seen: tuple[tuple[Node, Use], ...]
) -> tuple[Use, Node | None] | None:
    """How a result that is used so would be lost if it were a coroutine, and where first; None if it may not be."""
    if use.kind == "stored":
        if not function.name or use.how in facts.outer:
            return None
        seen = tuple([(node, _at_once(project, function, each)) for node, each in seen])
        return _kept(use.how, seen, _is_result(project, function, facts))
    use = _at_once(project, function, use)
    if use.kind in ("awaited", "given"):
        return None
    handed_out = _is_result(project, function, facts) if use != INSIDE else _handles(project, function, facts)
    if use.kind == "returned" and not handed_out:
        return None
    return use, None


def _at_once(project: Project, function: Symbol, use: Use) -> Use:
    """The same use; one of its value where it is given to a field of a model, which keeps no coroutine."""
    if use.kind != "given" or not is_kept_as_value(project, (function.path, function.name), use.how):
        return use
    return Use("value", f"it is given to `{use.how}`", True)


def _is_result(project: Project, function: Symbol, facts: Function) -> bool:
    """Whether what a function returns is taken as it is: nobody awaits it any more."""
    return _promises_a_result(facts) or _handles(project, function, facts)


def _written(func: Node) -> str:
    """A called expression as its code says it, arguments left out."""
    if isinstance(func, tree.Attribute):
        return f"{_written(func.value)}.{func.text}"
    if isinstance(func, tree.Call):
        return f"{_written(func.func)}()"
    return func.text if isinstance(func, tree.Path) else "..."


def _is_bound_twice(project: Project, function: Symbol, func: Node) -> bool:
    """Whether the module binds the called name in several ways, one of which may be no coroutine function."""
    module = project.module(function.path)
    node = func
    while isinstance(node, (tree.Attribute, tree.Call, tree.Subscript)):
        node = node.func if isinstance(node, tree.Call) else node.value
    root = node.root if isinstance(node, tree.Path) else ""
    bindings = [each for each in module.bindings if each.name == root and each.guard != "type-only"] if module else []
    return len(bindings) > 1


def _promises_a_result(facts: Function) -> bool:
    """Whether an `async def` says what awaiting it gives, and that it is not something to await again."""
    code = facts.returns_code
    return facts.is_async and code is not None and not any(again in word for word in words(code) for again in _AGAIN)


def _handles(project: Project, function: Symbol, facts: Function) -> bool:
    """Whether a decorator registers the function as the handler of a route."""
    scope = (function.path, function.name.rpartition(".")[0])
    for decorator in facts.decorators:
        answer = evaluate(project, scope, decorator.func) if isinstance(decorator, tree.Call) else None
        if isinstance(answer, Symbol) and answer.name.startswith(ROUTING) and answer.last in HANDLING:
            return True
    return False


def _kept(name: str, seen: tuple[tuple[Node, Use], ...], is_result: bool) -> tuple[Use, Node | None] | None:
    """What is wrong with the uses of a local name that holds a coroutine; None if they may be right.

    `is_result` says that returning it is wrong, too.
    """
    found: list[tuple[Use, Node]] = []
    elsewhere = waiting = False
    for node, use in seen:
        if not isinstance(node, tree.Path) or node.root != name:
            continue
        _, _, rest = node.text.partition(".")
        use = attribute_use(rest) if rest else use
        if use.kind == "value" or (use == RETURNED and is_result):
            found.append((use, node))
        elif use.kind == "awaited":
            return None
        else:
            elsewhere = True
            waiting = waiting or use.how in _WAITING
    if elsewhere:
        return next((each for each in found if each[0].sure or (each[0] in TESTS and not waiting)), None)
    return found[0] if found else (Use("stored", name), None)


def _is_kept_only(project: Project, function: Symbol, facts: Function, name: str) -> bool:
    """Whether a local name holds nothing else at any time and no function inside uses it."""
    return _bindings(facts, name) == 1 and not _is_closed_over(project, function, name)


def _bindings(facts: Function, name: str) -> int:
    """How often a function binds a name, its parameters included."""
    count = sum(param.name == name for param in facts.params)
    for node in facts.nodes:
        if isinstance(node, (tree.Assign, tree.Delete)):
            count += sum(_names(target, name) for target in node.targets)
        elif isinstance(node, (tree.For, tree.Generator, tree.AugAssign)):
            count += _names(node.target, name)
        elif isinstance(node, tree.With):
            count += sum(_names(target, name) for _, target in node.items)
        elif isinstance(node, (tree.Walrus, tree.Handler)):
            count += node.name == name
        elif isinstance(node, tree.Opaque):
            count += 2
    return count


def _names(target: Node | None, name: str) -> int:
    """How often an assignment to this target binds the name."""
    if isinstance(target, tree.Sequence):
        return sum(_names(item, name) for item in target.items)
    if isinstance(target, tree.Starred):
        return _names(target.value, name)
    return int(isinstance(target, tree.Path) and target.text == name)


def _is_closed_over(project: Project, function: Symbol, name: str) -> bool:
    """Whether a function defined inside mentions the name."""
    module = project.module(function.path)
    return any(
        node.root == name
        for each in (module.functions if module else ())
        if each.qualname.startswith(f"{function.name}.") and each.mentions(name)
        for node in each.every(tree.Path)
    )
