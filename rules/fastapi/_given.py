"""What the parameters of handlers and dependencies are given: markers, what `Depends` names, types behind aliases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.backend.collected import provides
from cdlint.facts import tree
from cdlint.facts.model import Function, Param
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import calls_of, target
from cdlint.project.classes import function_facts, functions_of, resolve_in
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate, injectors

from ._watch import APPLICATIONS, ROUTERS, VERBS

DEPENDS = frozenset(
    {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends", "fastapi.params.Security",
     "fastapi.param_functions.Depends", "fastapi.param_functions.Security"}
)  # fmt: skip
_ELSEWHERE = frozenset({"fast_depends.Depends", "faststream.Depends"})
"""The same, outside of FastAPI."""
MARKERS = frozenset({"Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"})
HOLDERS = ("fastapi.", "starlette.")
"""How the names of what the frameworks themselves give begin."""
_MAKERS = frozenset(f"{name}()" for name in APPLICATIONS | ROUTERS)
_CALL, _PATH = tree.TAG[tree.Call], tree.TAG[tree.Path]
_KEEPING = ("wraps", "update_wrapper", "__signature__")
_DEPTH = 6


class Given(NamedTuple):
    """A parameter taken apart: its type, and the calls that say where its value comes from."""

    param: Param
    scope: Scope
    """Where the type is written, which is elsewhere for an alias."""
    type: Node | None
    markers: tuple[tuple[Scope, tree.Call], ...]
    default: Node | None


class Handler(NamedTuple):
    """A function that a decorator registers as a route, or `add_api_route`; `scope` is where that call is written."""

    function: Symbol
    verb: str
    call: tree.Call
    scope: Scope


@provides(injectors)
def fastapi_injectors(project: Project) -> frozenset[str]:
    """The same for every repository."""
    return DEPENDS | _ELSEWHERE


def is_of_framework(project: Project, scope: tuple[str, str], node: tree.Node) -> bool:
    """Whether it is an object of the framework's own."""
    try:
        answer = evaluate(project, scope, node)
    except CyclicFact:
        return False
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name.startswith(HOLDERS)


def is_used(project: Project) -> bool:
    """Whether the repository imports FastAPI."""
    return any(project[imports_it, path] for path in project.paths)


def imports_it(project: Project, path: str) -> bool:
    """Whether a file imports FastAPI."""
    module = project.module(path)
    return module is not None and any(each.module.partition(".")[0] == "fastapi" for each in module.imports)


def handlers(project: Project) -> tuple[Handler, ...]:
    """All handlers outside of tests that are registered by a call on what is surely of FastAPI."""
    if not project[is_used]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[handlers_in, path])


def handlers_in(project: Project, path: str) -> tuple[Handler, ...]:
    """The handlers that a file registers."""
    module = project.module(path)
    found = list(_added(project, path))
    last = project[functions_of, path]
    for function in module.functions if module else ():
        # Of several functions of one name only the last can be asked for by it.
        if not any(_may_register(code) for code in function.decorator_codes) or last[function.qualname] != function:
            continue
        for node in function.decorators:
            if not isinstance(node, tree.Call) or getattr(node.func, "last", "") not in (*VERBS, "api_route"):
                continue
            scope = (path, function.qualname.rpartition(".")[0])
            if _is_of_router(project, scope, node):
                found.append(Handler(Symbol("function", path, function.qualname), node.func.last, node, scope))
    return tuple(found)


def _added(project: Project, path: str) -> Iterator[Handler]:
    """Those that a file gives to `add_api_route`."""
    for function, call in calls_of(project, path, frozenset({"add_api_route"})):
        scope = (path, function.qualname)
        given = call.argument(1, "endpoint")
        handler = evaluate(project, scope, given) if given is not None else None
        if isinstance(handler, Symbol) and handler.kind == "function" and _is_of_router(project, scope, call):
            methods = call.keyword("methods")
            named = methods.items if isinstance(methods, tree.Sequence) else ()
            one = str(getattr(named[0], "value", "")).lower() if len(named) == 1 else ""
            yield Handler(handler, "get" if methods is None else one or "api_route", call, scope)


def _is_of_router(project: Project, scope: Scope, call: tree.Call) -> bool:
    answer = evaluate(project, scope, call.func)
    return isinstance(answer, Symbol) and answer.name.rpartition(".")[0] in _MAKERS


def _may_register(code: tree.Code) -> bool:
    return bool(code[0] == _CALL and code[1][0] == _PATH and code[1][1].rpartition(".")[2] in (*VERBS, "api_route"))


def givens(project: Project, function: Symbol) -> tuple[Given, ...]:
    """The parameters of a function, without `self`."""
    facts = function_facts(project, function)
    outer = (function.path, function.name.rpartition(".")[0])
    params = [each for each in (facts.params if facts else ()) if each.kind not in ("*", "**")]
    if facts is not None and facts.owner and params and not _is_static(facts):
        params = params[1:]
    return tuple(_given(project, outer, each) for each in params)


def is_hidden(project: Project, function: Symbol) -> bool:
    """Whether a decorator of the repository puts a function with parameters of its own in place of another."""
    facts = function_facts(project, function)
    scope = (function.path, function.name.rpartition(".")[0])
    for node in facts.decorators if facts is not None else ():
        inner = inner_functions(project, evaluate(project, scope, func_of(node)))
        if inner and not any(_keeps(each) for each in inner):
            return True
    return False


def _keeps(function: Function) -> bool:
    """Whether a function shows the parameters of the one that it stands for."""
    marks = (getattr(func_of(node), "last", "") for node in function.decorators)
    return any(mark in _KEEPING for mark in marks) or any(function.mentions(word) for word in _KEEPING)


def func_of(node: Node) -> Node:
    """What is called, where it is a call."""
    return node.func if isinstance(node, tree.Call) else node


def inner_functions(project: Project, function: Answer) -> tuple[Function, ...]:
    """The functions that a function of the repository defines within itself."""
    module = project.module(function.path) if isinstance(function, Symbol) else None
    if module is None or not isinstance(function, Symbol):
        return ()
    return tuple(each for each in module.functions if each.qualname.startswith(f"{function.name}."))


def _is_static(facts: Function) -> bool:
    return any(getattr(each, "last", "") == "staticmethod" for each in facts.decorators)


def _given(project: Project, scope: Scope, param: Param) -> Given:
    where, node, calls = _apart(project, scope, param.annotation, _DEPTH)
    default = param.default
    if isinstance(default, tree.Call) and getattr(default.func, "last", "") in MARKERS:
        calls = (*calls, (scope, default))
    elif isinstance(default, tree.Path):
        calls = (*calls, *((at, call) for at, call in _held(project, scope, default)))
    return Given(param, where, node, calls, default)


def _held(project: Project, scope: Scope, node: tree.Path) -> Iterator[tuple[Scope, tree.Call]]:
    """`user=current_user` where a module says `current_user = Depends(...)`."""
    for where, value in _values(project, scope, node):
        if isinstance(value, tree.Call):
            yield where, value


def _values(project: Project, scope: Scope, node: tree.Path) -> Iterator[tuple[Scope, Node]]:
    answer = resolve_in(project, scope[0], scope[1], node.text)
    if not isinstance(answer, Symbol) or answer.kind != "variable":
        return
    module = project.module(answer.path)
    for binding in module.bindings if module is not None else ():
        if binding.name == answer.name and binding.value_code is not None:
            yield (answer.path, ""), binding.value


def _apart(
    project: Project, scope: Scope, node: Node | None, depth: int
) -> tuple[Scope, Node | None, tuple[tuple[Scope, tree.Call], ...]]:
    """The type in an annotation and the calls that `Annotated` adds, through aliases."""
    if isinstance(node, tree.Subscript) and getattr(node.value, "last", "") == "Annotated":
        items = node.index.items if isinstance(node.index, tree.Sequence) else (node.index,)
        where, inner, calls = _apart(project, scope, items[0], depth)
        own = tuple((scope, each) for each in items[1:] if isinstance(each, tree.Call))
        held = [part for each in items[1:] if isinstance(each, tree.Path) for part in _held(project, scope, each)]
        return where, inner, (*calls, *own, *held)
    if isinstance(node, tree.Path) and depth > 0:
        for where, value in _values(project, scope, node):
            if isinstance(value, tree.Subscript) and getattr(value.value, "last", "") == "Annotated":
                return _apart(project, where, value, depth - 1)
    return scope, node, ()


def depended(project: Project, given: Given) -> Iterator[tuple[Scope, tree.Call, Node | None]]:
    """Each `Depends(...)` of a parameter with what is in its brackets."""
    for scope, call in given.markers:
        if is_depends(project, scope, call):
            inner = call.args[0] if call.args else call.keyword("dependency")
            yield scope, call, inner


def is_depends(project: Project, scope: Scope, call: tree.Call) -> bool:
    """Whether a call is one of `Depends` or `Security`."""
    if getattr(call.func, "last", "") not in ("Depends", "Security") and not isinstance(call.func, tree.Path):
        return False
    answer = evaluate(project, scope, call.func)
    return isinstance(answer, Symbol) and answer.name in DEPENDS


def provider(project: Project, scope: Scope, node: Node | None) -> Symbol | None:
    """The function of the repository that runs for a dependency, `__init__` for a class; None if it is not known."""
    return target(project, evaluate(project, scope, node)) if node is not None else None


def providers(project: Project) -> dict[Symbol, tuple[Symbol, tree.At]]:
    """The functions that some `Depends` names -> the function that asks for it, and where."""
    found: dict[Symbol, tuple[Symbol, tree.At]] = {}
    for path in project.paths if project[is_used] else ():
        if not is_aside(path):
            for symbol, by, at in project[providers_in, path]:
                found.setdefault(symbol, (by, at))
    return found


def providers_in(project: Project, path: str) -> tuple[tuple[Symbol, Symbol, tree.At], ...]:
    """Those that a file names, with the function around and where."""
    module = project.module(path) if project[imports_it, path] else None
    found: list[tuple[Symbol, Symbol, tree.At]] = []
    for scope, call in project[dependings, path] if module is not None else ():
        inner = call.args[0] if call.args else call.keyword("dependency")
        symbol = provider(project, scope, inner)
        if symbol is not None:
            found.append((symbol, Symbol("function", path, scope[1]), call.at))
    return tuple(found)


def dependings(project: Project, path: str) -> tuple[tuple[Scope, tree.Call], ...]:
    """The calls of `Depends` that stand in signatures, aliases and lists of dependencies of a file."""
    module = project.module(path)
    found: list[tuple[Scope, tree.Call]] = []
    if module is None or not any(each.name in ("Depends", "Security", None) for each in module.imports):
        return ()
    for function in module.functions:
        outer = (path, function.qualname.rpartition(".")[0])
        nodes: list[Node] = [each for param in function.params for each in (param.annotation, param.default)]
        nodes.extend(function.decorators)
        for call in tree.calls(*[node for node in nodes if node is not None]):
            if is_depends(project, outer, call):
                found.append((outer, call))
    names = {"Depends", "Security", *(each.alias for each in module.imports if each.name in ("Depends", "Security"))}
    if not names.isdisjoint(module.main.lasts):
        for call in tree.calls(*[node for node in module.main.body if not isinstance(node, tree.ClassDef)]):
            if is_depends(project, (path, ""), call):
                found.append(((path, ""), call))
    return tuple(found)


def is_response(answer: Answer) -> bool:
    """Whether a class from outside is a response that is sent as it is."""
    if not isinstance(answer, Symbol) or answer.kind != "external":
        return False
    return answer.last.removesuffix("()").endswith("Response") and answer.name.startswith(("fastapi.", "starlette."))
