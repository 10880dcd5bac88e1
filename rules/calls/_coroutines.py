"""Which calls give a coroutine: resolved `async def`s and what packs know of the outside."""

from __future__ import annotations

from cdlint.backend.coroutines import coroutines
from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import ancestry, class_facts, class_member, descendants, function_facts, functions_of
from cdlint.project.values import evaluate

from ._instances import called_by
from ._outside import KEEPING, ROUTING

_PLAIN_CLASS_DECORATORS = frozenset(
    {"dataclass", "dataclasses.dataclass", "final", "typing.final", "runtime_checkable"}
)


def outside_names(project: Project) -> dict[str, tuple[tuple[str, bool], ...]]:
    """Last name of a known outside coroutine function -> the (owner, chained) that have it."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for known in project[coroutines]:
        for name in known.names:
            found.setdefault(name, []).append((known.owner, known.chained))
    return {name: tuple(owners) for name, owners in found.items()}


def context_names(project: Project) -> frozenset[str]:
    """Last names of known outside functions whose coroutine `async with` may enter as well."""
    return frozenset(name for known in project[coroutines] for name in known.contexts)


def gives_coroutine(project: Project, answer: Answer) -> bool:
    """Whether calling this certainly gives a coroutine."""
    if not isinstance(answer, Symbol):
        return False
    function = answer if answer.kind == "function" else called_by(project, answer)
    if function is not None:
        return project[is_coroutine_function, function] and project[is_always_so, function]
    if answer.kind != "external":
        return False
    owner = answer.name.rpartition(".")[0]
    return any(
        owner == known or (chained and owner.startswith((f"{known}.", f"{known}(")))
        for known, chained in project[outside_names].get(answer.last, ())
    )


def is_coroutine_function(project: Project, function: Symbol) -> bool:
    """Whether every definition of this name is an `async def` that its decorators leave one."""
    module = project.module(function.path)
    same = [each for each in module.functions if each.qualname == function.name] if module else []
    return bool(same) and all(
        each.is_async and not each.is_generator and _is_kept(project, function.path, each) for each in same
    )


def is_always_so(project: Project, function: Symbol) -> bool:
    """Whether no subclass, class decorator or metaclass may make something else of a method."""
    facts = function_facts(project, function)
    if facts is None or not facts.owner:
        return facts is not None
    for cls in project[descendants, Symbol("class", function.path, facts.owner)]:
        if not _is_plain(project, cls):
            return False
        found = project[class_member, (cls, facts.name)]
        if found != function and not _is_another(project, found):
            return False
    return True


def _is_another(project: Project, found: Answer) -> bool:
    return isinstance(found, Symbol) and found.kind == "function" and project[is_coroutine_function, found]


def _is_plain(project: Project, cls: Symbol) -> bool:
    facts = class_facts(project, cls)
    if facts is None:
        return False
    names = [getattr(each.func if isinstance(each, tree.Call) else each, "text", "") for each in facts.decorators]
    return set(names) <= _PLAIN_CLASS_DECORATORS and not any(
        name == "metaclass" and getattr(value, "last", "") not in ("ABCMeta", "type")
        for each in project[ancestry, cls].first_party
        if (above := class_facts(project, each)) is not None
        for name, value in above.keywords
    )


def _is_kept(project: Project, path: str, function: Function) -> bool:
    scope = (path, function.qualname.rpartition(".")[0])
    return all(_keeps(project, scope, each) for each in function.decorators)


def _keeps(project: Project, scope: tuple[str, str], decorator: Node) -> bool:
    """Whether what a decorator gives for an `async def` still gives a coroutine when called."""
    made = isinstance(decorator, tree.Call)
    answer = evaluate(project, scope, decorator.func if isinstance(decorator, tree.Call) else decorator)
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "function":
        return _gives_async(project, answer, 2 if made else 1)
    if answer.kind != "external":
        return False
    return answer.name in KEEPING or answer.name.startswith(("pytest.mark.", *ROUTING))


def _gives_async(project: Project, decorator: Symbol, calls: int) -> bool:
    """Whether calling it so often ends in its nested `async def`, or in the function that it was given."""
    facts = function_facts(project, decorator)
    if facts is None or facts.is_async or facts.is_generator:
        return False
    returned = [node.value for node in facts.every(tree.Return)]
    names = [value.text if isinstance(value, tree.Path) else "" for value in returned]
    given = {param.name for param in facts.params} - {"self", "cls"}
    inner = project[functions_of, decorator.path]
    for name in names:
        nested = inner.get(f"{decorator.name}.{name}")
        if nested is None:
            if calls > 1 or name not in given:
                return False
        elif calls > 1:
            if not _gives_async(project, Symbol("function", decorator.path, nested.qualname), calls - 1):
                return False
        elif not nested.is_async or nested.is_generator or nested.conditional or nested.decorator_codes[1:]:
            return False
    return bool(names)
