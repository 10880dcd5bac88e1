"""The tasks of the repository: which functions Celery calls, under which name and with which parameters."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import functions_of
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

_DECORATORS = frozenset({"task", "shared_task", "periodic_task"})


class Task(NamedTuple):
    """A function that is a task. `name` is the one that it is given, `""` when it gets that of its module.

    `bound` says whether its first parameter is the task itself; `plain` whether nothing but the
    decorator of Celery changes how it is called.
    """

    function: Symbol
    name: str
    bound: bool
    plain: bool
    known: bool
    """Whether all options of its decorator are written out."""


def uses_celery(project: Project) -> bool:
    """Whether any file imports Celery."""
    return any(project[_imports, path] for path in project.paths)


def _imports(project: Project, path: str) -> bool:
    module = project.module(path)
    return module is not None and any(each.module.partition(".")[0] == "celery" for each in module.imports)


def tasks(project: Project) -> dict[Symbol, Task]:
    """Every task that is a function, by its function."""
    if not project[uses_celery]:
        return {}
    found = {}
    for path in project.paths:
        if not is_aside(path):
            found.update({each.function: each for each in project[_in_file, path]})
    return found


def _in_file(project: Project, path: str) -> tuple[Task, ...]:
    module = project.module(path)
    if module is None or path.startswith(".") or "/." in path:
        return ()
    decorated = [function for function in module.functions if function.decorator_codes]
    if not decorated:
        return ()
    names = _DECORATORS | {each.alias for each in module.imports if each.name in _DECORATORS}
    return tuple(task for each in decorated if (task := _task(project, path, each, names)) is not None)


def _task(project: Project, path: str, function: Function, names: frozenset[str]) -> Task | None:
    for node in function.decorators:
        called = node.func if isinstance(node, tree.Call) else node
        if getattr(called, "last", "") not in names:
            continue
        answer = evaluate(project, (path, function.parent), called)
        if not isinstance(answer, Symbol) or answer.kind != "external" or not answer.name.startswith("celery."):
            continue
        options = {each.name: each.value for each in node.keywords} if isinstance(node, tree.Call) else {}
        name = options.get("name")
        text = name.value if isinstance(name, tree.Constant) and isinstance(name.value, str) else ""
        known = None not in options and (name is None or bool(text)) and "base" not in options
        bound = _is_true(options.get("bind"))
        plain = len(function.decorators) == 1 and not function.owner and "pydantic" not in options
        return Task(Symbol("function", path, function.qualname), text, bound, plain, known)
    return None


def may_be_made(project: Project, name: str) -> bool:
    """Whether a function of that name has a decorator of the repository's own, which may make it a task."""
    module, _, last = name.rpartition(".")
    for path in project.paths:
        if not f".{path.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}".endswith(f".{module}"):
            continue
        function = project[functions_of, path].get(last)
        for node in function.decorators if function is not None else ():
            answer = evaluate(project, (path, ""), node.func if isinstance(node, tree.Call) else node)
            if not isinstance(answer, Symbol) or answer.kind != "external":
                return True
    return False


def _is_true(node: tree.Node | None) -> bool:
    return isinstance(node, tree.Constant) and node.value is True
