"""Where the database of Flask-SQLAlchemy is used while no application is current."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of
from cdlint.project.classes import function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import Scope, evaluate
from cdlint.rule import Location

from ._locals import PUSHES, pushes, runs_bare, thread_targets
from ._removed import at_least
from ._watch import APPLICATIONS
from ._wiring import wiring

_MAKERS = ("flask_sqlalchemy.SQLAlchemy", "flask_sqlalchemy.extension.SQLAlchemy")
_NEEDY = ("create_all", "drop_all", "session", "engine", "engines", "get_engine", "reflect", "Model.query")
_USES = tuple(f"{maker}().{name}" for maker in _MAKERS for name in _NEEDY)
_LASTS = ("create_all", "drop_all", ".session", ".engine", ".query", "reflect")
_DEPTH = 3


class Outside(NamedTuple):
    """A use of the database. `how`: `import`, `factory` or `thread`; `start` leads there when it is elsewhere."""

    at: Location
    name: str
    how: str
    start: Location | None


def outside(project: Project) -> tuple[Outside, ...]:
    """All such uses, each once."""
    if not project[wiring] or not project[_strict]:
        return ()
    found: dict[Location, Outside] = {}
    for path in project.paths:
        for each in () if is_aside(path) else project[_outside_in, path]:
            found.setdefault(each.at, each)
    return tuple(found.values())


def _strict(project: Project) -> bool:
    """Whether the database asks for a current application: since version 3, or when it was made without one."""
    if project[at_least, ("flask-sqlalchemy", "3.0")]:
        return True
    bound = [each for path in project.paths if not is_aside(path) for each in project[_bound, path]]
    return bool(bound) and not any(bound)


def _bound(project: Project, path: str) -> tuple[bool, ...]:
    """For each database that a file makes, whether it is given an application."""
    return tuple(
        bool(call.args) or any(each.name in ("app", None) for each in call.keywords)
        for _, call in calls_of(project, path, frozenset({"SQLAlchemy"}))
    )


def _outside_in(project: Project, path: str) -> tuple[Outside, ...]:
    module = project.module(path)
    if module is None:
        return ()
    found = [
        Outside(at, name, "import", start)
        for at, name, start in _walk(project, (path, ""), module.main.body, _DEPTH)
        if _guarded(module.main, start or at) or runs_bare(project, path, module)
    ]
    for function in module.functions:
        scope = (path, function.qualname)
        if function.qualname and _makes_application(project, scope, function):
            found.extend(Outside(*each[:2], "factory", each[2]) for each in _walk(project, scope, function.body, 1))
        for target, start in thread_targets(project, path, function):
            facts = function_facts(project, target)
            if facts is not None and _plain(facts):
                inner = _walk(project, (target.path, target.name), facts.body, 1)
                found.extend(Outside(at, name, "thread", start) for at, name, _ in inner)
    return tuple(found)


def _makes_application(project: Project, scope: Scope, function: Function) -> bool:
    if not any(each.rpartition(".")[2] == "Flask" for each in function.calls) or _pushed(function):
        return False
    calls = (each for each in function.call_nodes if getattr(each.func, "last", "") == "Flask")
    return any(getattr(evaluate(project, scope, each.func), "name", "") in APPLICATIONS for each in calls)


def _pushed(function: Function) -> bool:
    """Whether a function pushes a context by hand."""
    return any(each.rpartition(".")[2] == "push" for each in function.calls)


def _plain(function: Function) -> bool:
    """Whether calling a function runs its body as it is, without a context of its own."""
    pushed = any(function.mentions(each) for each in PUSHES)
    return not (function.decorator_codes or function.is_generator or function.is_async or pushed)


def _guarded(main: Function, at: Location) -> bool:
    """Whether a place of a module runs only when the file is started itself."""
    return any(_is_main(node) and node.at[0] <= at.at[0] <= node.at[2] for node in main.body)


def _is_main(node: Node) -> bool:
    test = node.test if isinstance(node, tree.If) else None
    return isinstance(test, tree.Compare) and any(getattr(each, "text", "") == "__name__" for each in test.terms)


def _walk(
    project: Project, scope: Scope, nodes: tuple[Node, ...], depth: int
) -> Iterator[tuple[Location, str, Location | None]]:
    """The uses that run when the nodes do, in no block that pushes a context; each with the call that leads there."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node is None or isinstance(node, (tree.Lambda, tree.Try)) or pushes(node):
            continue
        if isinstance(node, tree.If) and not _is_main(node):
            continue
        if isinstance(node, tree.Call):
            if getattr(node.func, "last", "") == "push":
                return
            yield from _called(project, scope, node, depth)
        if isinstance(node, tree.Path) and any(last in node.text for last in _LASTS):
            name = _use(project, scope, node)
            if name:
                yield Location(scope[0], node.at), name, None
                continue
        stack.extend(reversed(tuple(tree.children(node))))


def _use(project: Project, scope: Scope, node: tree.Path) -> str:
    """What of a database a name is, as it is written; `""` when it is none."""
    answer = evaluate(project, scope, node)
    name = answer.name if isinstance(answer, Symbol) and answer.kind == "external" else ""
    hit = next((each for each in _USES if name == each or name.startswith(f"{each}.")), "")
    # A session that is only named is not opened.
    if not hit or name.endswith((".session", ".Session")):
        return ""
    return node.text


def _called(
    project: Project, scope: Scope, call: tree.Call, depth: int
) -> Iterator[tuple[Location, str, Location | None]]:
    answer = evaluate(project, scope, call.func) if depth > 0 else None
    if not isinstance(answer, Symbol) or answer.kind != "function" or answer.name == scope[1]:
        return
    facts = function_facts(project, answer)
    if facts is None or not _plain(facts) or _pushed(facts):
        return
    for at, name, _ in _walk(project, (answer.path, answer.name), facts.body, depth - 1):
        yield at, name, Location(scope[0], call.at)
