"""Rows that `select_for_update()` is to lock, and how requests get there without a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.entities import row_calls
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import callers_by_name, calling, calls_of, sites, target
from cdlint.project.classes import ancestry, class_facts, function_facts
from cdlint.project.effects import Step
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._reach import transactions_of

_NAME = "select_for_update"
_EVALUATING = frozenset({"get", "first", "last", "earliest", "latest", "in_bulk", "get_or_create"})
_TAKING = frozenset({"list", "tuple", "len", "bool", "get_object_or_404", "get_list_or_404", "next", "iter"})
_SWITCHES = ("ATOMIC_REQUESTS", "AUTOCOMMIT", "set_autocommit", "in_atomic_block")
_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_HOOKS = frozenset(
    {
        "create", "destroy", "form_invalid", "form_valid", "get_context_data", "get_object", "get_queryset", "list",
        "partial_update", "perform_create", "perform_destroy", "perform_update", "retrieve", "update",
    }
)  # fmt: skip
"""What the views of the frameworks themselves call to answer."""
_ROUTING = frozenset({"path", "re_path", "url"})
_REGISTERING = "register"
_ACTION = "rest_framework.decorators.action"
_VIEWS = (
    "django.views.", "django.contrib.auth.mixins.", "rest_framework.views.", "rest_framework.generics.",
    "rest_framework.viewsets.", "rest_framework.mixins.",
)  # fmt: skip
_TASKS = frozenset({"celery.shared_task"})
_DECORATORS = (
    "django.views.decorators.", "django.contrib.auth.decorators.", "rest_framework.decorators.api_view",
    "rest_framework.decorators.permission_classes", _ACTION, "builtins.staticmethod",
)  # fmt: skip
_DEPTH = 3


class Lock(NamedTuple):
    """A lock that is asked for outside any transaction; `chain` leads there from what a request runs."""

    function: Symbol
    at: At
    entry: Symbol
    chain: tuple[Step, ...]


def locking(project: Project) -> tuple[Symbol, ...]:
    """The functions that ask for locks, in projects where no setting opens transactions by itself."""
    found = [
        Symbol("function", path, function.qualname)
        for path in project.paths
        if not is_aside(path)
        for function in calling(project, path, frozenset({_NAME}))
        if function.qualname
    ]
    return tuple(found) if found and not project[is_switched] else ()


def is_switched(project: Project) -> bool:
    """Whether a setting or a middleware may open transactions around requests."""
    if any(project[_switches, path] for path in project.paths):
        return True
    opening = [function_facts(project, each) for each in project[transactions_of]]
    return any("get_response" in call for facts in opening if facts is not None for call in facts.calls)


def _switches(project: Project, path: str) -> bool:
    module = None if is_aside(path) else project.module(path)
    return module is not None and any(
        any(map(each.mentions, _SWITCHES[1:])) or (each.mentions(_SWITCHES[0]) and not _is_off(each))
        for each in module.functions
    )


def _is_off(function: Function) -> bool:
    """Whether all that is said of the setting is that it is off."""
    said = off = 0
    for node in function.nodes:
        said += isinstance(node, tree.Constant) and node.value == _SWITCHES[0]
        if isinstance(node, tree.Mapping):
            off += sum(_is_text(key) and is_false(value) for key, value in node.items)
        elif isinstance(node, tree.Assign):
            off += sum(
                isinstance(each, tree.Subscript) and _is_text(each.index) and is_false(node.value)
                for each in node.targets
            )
    return 0 < said == off


def _is_text(node: Node | None) -> bool:
    return isinstance(node, tree.Constant) and node.value == _SWITCHES[0]


def is_false(node: Node | None) -> bool:
    """Whether an expression is the constant `False`."""
    return isinstance(node, tree.Constant) and node.value is False


def unlocked(project: Project, function: Symbol) -> Iterator[Lock]:
    """The locks that a function asks for outside any transaction, when something runs it like that."""
    facts = function_facts(project, function)
    places = list(_places(project, function, facts)) if facts is not None and is_open(project, function) else []
    found = way(project, function, _DEPTH) if places else None
    if found is not None:
        for at in places:
            yield Lock(function, at, *found)


# Where locks are taken


def _places(project: Project, function: Symbol, facts: Function) -> Iterator[At]:
    """The calls whose rows are fetched in the function itself, outside its blocks."""
    held = facts.every(tree.With)
    taken = frozenset(_taken(facts.body, [node.at for node in held]))
    for call in facts.call_nodes:
        if getattr(call.func, "last", "") != _NAME or any(tree.within(call.at, node.at) for node in held):
            continue
        answer = evaluate(project, (function.path, function.name), call.func)
        known = isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith("django.")
        known = known or (call.at, _NAME) in row_calls(project, function)
        if known and call.at in taken:
            yield call.at


def _taken(body: tuple[Node, ...], held: list[At]) -> Iterator[At]:
    """The places of calls whose rows are certainly fetched, outside these blocks."""
    names: set[str] = set()
    nodes = list(tree.walk(*body))
    for node in nodes:
        if isinstance(node, (tree.Call, tree.For)) and any(tree.within(node.at, block) for block in held):
            continue
        if isinstance(node, tree.Call):
            if getattr(node.func, "last", "") in _EVALUATING and isinstance(node.func, tree.Attribute):
                yield from _chain(node.func.value)
            elif isinstance(node.func, tree.Path) and node.func.text in _TAKING and node.args:
                yield from _chain(node.args[0])
            if isinstance(node.func, tree.Path) and node.func.last in _EVALUATING:
                names.add(node.func.text.rpartition(".")[0])
        elif isinstance(node, tree.For):
            yield from _chain(node.iterable)
            names.add(getattr(node.iterable, "text", ""))
    for node in nodes:
        if isinstance(node, tree.Assign) and any(isinstance(t, tree.Path) and t.text in names for t in node.targets):
            yield from _chain(node.value)


def _chain(node: Node | None) -> Iterator[At]:
    """The calls that an expression is chained of, the last one first."""
    while isinstance(node, (tree.Call, tree.Attribute)):
        if isinstance(node, tree.Attribute):
            node = node.value
            continue
        yield node.at
        node = node.func


# How a request gets there


def is_open(project: Project, function: Symbol) -> bool:
    """Whether nothing around a function can be a transaction."""
    facts = function_facts(project, function)
    if facts is None or any(not _is_plain(project, function, each) for each in facts.decorators):
        return False
    return not facts.parent and not facts.is_async and not facts.is_generator


def _is_plain(project: Project, function: Symbol, decorator: Node) -> bool:
    func = decorator.func if isinstance(decorator, tree.Call) else decorator
    answer = evaluate(project, (function.path, function.name.rpartition(".")[0]), func)
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return False
    return answer.name.startswith(_DECORATORS) or answer.name in _TASKS


def way(project: Project, function: Symbol, depth: int) -> tuple[Symbol, tuple[Step, ...]] | None:
    """What a request or worker runs and the calls from there, none of them in a transaction."""
    if function.last in project[_wrapped]:
        return None
    if _is_entry(project, function):
        return function, ()
    if depth <= 0:
        return None
    for caller, at in project[plain_callers, function]:
        found = way(project, caller, depth - 1)
        if found is not None:
            return found[0], (*found[1], Step(caller.path, at, function.name))
    return None


def plain_callers(project: Project, function: Symbol) -> tuple[tuple[Symbol, At], ...]:
    """The functions that call a function outside transactions, with the place."""
    found: list[tuple[Symbol, At]] = []
    for path in project.paths:
        for each in calling(project, path, frozenset({function.last})) if not is_aside(path) else ():
            caller = Symbol("function", path, each.qualname)
            if is_open(project, caller):
                found.extend((caller, at) for at in _calls_outside(project, caller, each, function))
    return tuple(found)


def _calls_outside(project: Project, caller: Symbol, facts: Function, called: Symbol) -> Iterator[At]:
    held = facts.every(tree.With)
    for site in project[sites, caller]:
        if target(project, site.answer) == called and not any(tree.within(site.at, node.at) for node in held):
            yield site.at


def _is_entry(project: Project, function: Symbol) -> bool:
    """Whether the framework itself runs a function: a view, a method of a view class, a task."""
    facts = function_facts(project, function)
    if facts is None or not facts.params:
        return facts is not None and _is_task(project, function, facts)
    if not facts.owner:
        is_view = facts.params[0].name == "request" and facts.name in project[routed]
        return is_view or _is_task(project, function, facts)
    if facts.owner not in project[routed]:
        return False
    asked = len(facts.params) > 1 and facts.params[1].name == "request"
    if not (asked and (facts.name in _VERBS or _is_action(facts))) and facts.name not in _HOOKS:
        return False
    cls = Symbol("class", function.path, facts.owner)
    above = project[ancestry, cls]
    if above.unknown or not above.external or not all(name.startswith(_VIEWS) for name in above.external):
        return False
    owners = [class_facts(project, each) for each in above.first_party]
    if facts.name in _HOOKS and any(_opens(project, each) for each in above.first_party):
        return False
    return all(
        each is not None
        and not each.decorator_codes
        and {"dispatch", "as_view", "initial"}.isdisjoint({*each.methods, *(b.name for b in each.fields)})
        for each in owners
    )


def _is_action(facts: Function) -> bool:
    return any(isinstance(each, tree.Call) and getattr(each.func, "last", "") == "action" for each in facts.decorators)


def _opens(project: Project, cls: Symbol) -> bool:
    """Whether any method of a class opens a transaction, in which it may call the others."""
    facts = class_facts(project, cls)
    methods = (Symbol("function", cls.path, f"{cls.name}.{name}") for name in (facts.methods if facts else ()))
    return any(each in project[transactions_of] for each in methods)


def routed(project: Project) -> frozenset[str]:
    """The names of functions and view classes that URL patterns and routers name themselves."""
    return frozenset[str]().union(*(project[_routed_in, path] for path in project.paths))


def _routed_in(project: Project, path: str) -> frozenset[str]:
    found: set[str] = set()
    for _, call in calls_of(project, path, _ROUTING | {_REGISTERING}) if not is_aside(path) else ():
        if call.func.last == _REGISTERING:
            found.add(getattr(call.argument(1, "viewset"), "last", ""))
            continue
        view = call.argument(1, "view")
        if isinstance(view, tree.Call) and getattr(view.func, "last", "") == "as_view":
            found.add(view.func.text.split(".")[-2] if "." in view.func.text else "")
        elif isinstance(view, tree.Path):
            found.add(view.last)
    return frozenset(found)


def _is_task(project: Project, function: Symbol, facts: Function) -> bool:
    scope = (function.path, function.name.rpartition(".")[0])
    answers = [evaluate(project, scope, d.func if isinstance(d, tree.Call) else d) for d in facts.decorators]
    return any(isinstance(answer, Symbol) and answer.name in _TASKS for answer in answers)


def _wrapped(project: Project) -> frozenset[str]:
    """The names of the functions that some code puts into something like `atomic(name)`."""
    return frozenset[str]().union(*(project[_wrapped_in, path] for path in project.paths))


def _wrapped_in(project: Project, path: str) -> frozenset[str]:
    wrapping = frozenset(name for name in project[callers_by_name, path] if "atomic" in name)
    return frozenset(getattr(arg, "last", "") for _, call in calls_of(project, path, wrapping) for arg in call.args)
