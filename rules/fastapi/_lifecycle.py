"""Hooks for the start and end of an application that nothing runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import called_names, calls_of
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._given import is_used
from ._watch import APPLICATIONS

_HOOKS = frozenset({"on_event", "add_event_handler"})
_ENTERING = frozenset({"lifespan_context", "LifespanManager", "lifespan_manager"})


class Idle(NamedTuple):
    """A hook that never runs.

    `kind`: `lifespan` (the application has one), `mounted` (a parent does not call it) or `unused`
    (a lifespan that no application is given).
    """

    path: str
    at: At
    kind: str
    name: str
    origin: tuple[str, At]


class Application(NamedTuple):
    """Where an application is made, and the `lifespan` that it is given."""

    path: str
    call: tree.Call
    lifespan: Node | None


def idle(project: Project) -> tuple[Idle, ...]:
    """All of them."""
    if not project[is_used]:
        return ()
    paths = [path for path in project.paths if not is_aside(path)]
    registered = (each for path in paths for each in project[idle_in, path])
    return (*registered, *(each for path in paths for each in _unused(project, path)))


def _unused(project: Project, path: str) -> Iterator[Idle]:
    """The lifespans of a file that nothing mentions, where an application is made without any."""
    for function in project[_lifespans_in, path]:
        bare = next((each for other in (path, *project.paths) for each in project[_bare_in, other]), None)
        if bare is not None and not any(project[_names, (other, function.name)] for other in project.paths):
            yield Idle(bare.path, bare.at, "unused", function.name, (path, function.at))


def _lifespans_in(project: Project, path: str) -> tuple[Function, ...]:
    """The functions that look like a lifespan: they yield once for the one application that they are given."""
    module = project.module(path)
    return tuple(
        each
        for each in (module.functions if module is not None else ())
        if each.is_async
        and each.is_generator
        and len(each.params) == 1
        and "lifespan" in each.name.lower()
        and any(getattr(node, "last", "") == "asynccontextmanager" for node in each.decorators)
    )


def _names(project: Project, key: tuple[str, str]) -> bool:
    """Whether code of a file mentions a name, in whatever way, besides importing it and defining it."""
    path, name = key
    module = project.module(path)
    return module is None or any(each.mentions(name) for each in module.functions if each.name != name)


def _bare_in(project: Project, path: str) -> tuple[Location, ...]:
    """Where a file makes an application without a lifespan, tests left out."""
    return tuple(
        Location(path, call.at)
        for function, call in (calls_of(project, path, frozenset({"FastAPI"})) if not is_aside(path) else ())
        if not any(each.name in (None, "lifespan") for each in call.keywords)
        and getattr(evaluate(project, (path, function.qualname), call.func), "name", "") in APPLICATIONS
    )


def idle_in(project: Project, path: str) -> tuple[Idle, ...]:
    """Those of a file."""
    module = project.module(path)
    names = project[called_names, path]
    found: list[Idle] = []
    if module is None or (names.isdisjoint(_HOOKS) and "mount" not in names):
        return ()
    for function in module.functions:
        for node in function.decorators:
            if isinstance(node, tree.Call) and getattr(node.func, "last", "") == "on_event":
                outer = function.qualname.rpartition(".")[0]
                found.extend(_hook(project, path, outer, node))
        if not _HOOKS.isdisjoint(function.lasts):
            for call in function.call_nodes:
                if getattr(call.func, "last", "") in _HOOKS:
                    found.extend(_hook(project, path, function.qualname, call))
        if any(call.endswith(".mount") for call in function.calls):
            found.extend(_mounted(project, path, function))
    return tuple(dict.fromkeys(found))


def _hook(project: Project, path: str, scope: str, call: tree.Call) -> Iterator[Idle]:
    owner = call.func.text.rpartition(".")[0] if isinstance(call.func, tree.Path) else ""
    made = application(project, path, scope, owner) if owner else None
    if made is not None and made.lifespan is not None:
        event = call.argument(0, "event_type")
        name = str(event.value) if isinstance(event, tree.Constant) else "event"
        yield Idle(path, call.at, "lifespan", name, (made.path, made.lifespan.at))


def application(project: Project, path: str, scope: str, name: str) -> Application | None:
    """The application that a variable holds, when one call of its class makes it."""
    function = project[functions_of, path].get(scope)
    if function is not None and scope and name in function.binds:
        values = project[local_assignments, (path, scope)].get(name, ())
        nodes, where = [value for value, _ in values], path
    else:
        answer = resolve_in(project, path, scope, name)
        if not isinstance(answer, Symbol) or answer.kind != "variable":
            return None
        module = project.module(answer.path)
        bound = [each for each in module.bindings if each.name == answer.name] if module else []
        nodes, where = [each.value for each in bound], answer.path
    node = nodes[0] if len(nodes) == 1 else None
    if not isinstance(node, tree.Call) or any(keyword.name is None for keyword in node.keywords):
        return None
    made = evaluate(project, (where, scope if where == path else ""), node.func)
    if not isinstance(made, Symbol) or made.name not in APPLICATIONS:
        return None
    given = node.keyword("lifespan")
    given = None if isinstance(given, tree.Constant) and given.value is None else given
    return Application(where, node, given)


def _mounted(project: Project, path: str, function: Function) -> Iterator[Idle]:
    """Applications with a lifespan or hooks that are mounted below another, which calls only its own."""
    if project[enters_others]:
        return
    for call in function.call_nodes:
        if getattr(call.func, "last", "") != "mount" or not isinstance(call.func, tree.Path):
            continue
        inner = call.argument(1, "app")
        owner = call.func.text.rpartition(".")[0]
        if not isinstance(inner, tree.Path) or application(project, path, function.qualname, owner) is None:
            continue
        made = application(project, path, function.qualname, inner.text)
        if made is not None and made.lifespan is not None:
            yield Idle(path, call.at, "mounted", inner.text, (made.path, made.lifespan.at))


def enters_others(project: Project) -> bool:
    """Whether some code runs the lifespan of an application itself."""
    return any(project[_enters_others_in, path] for path in project.paths if not is_aside(path))


def _enters_others_in(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None:
        return False
    return not _ENTERING.isdisjoint(project[called_names, path]) or any(
        function.mentions("lifespan_context") or function.mentions("router.startup") for function in module.functions
    )
