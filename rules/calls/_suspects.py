"""Which functions make a call without `await` that may give a coroutine, decided without reading their bodies."""

from __future__ import annotations

from typing import NamedTuple

from cdlint.facts.model import Function, Module
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.classes import class_member
from cdlint.project.names import resolve

from ._coroutines import gives_coroutine, outside_names


class Known(NamedTuple):
    """Names of coroutine functions: of the repository's functions and methods, and outside with their packages."""

    functions: frozenset[str]
    methods: frozenset[str]
    outside: dict[str, frozenset[str]]
    every: frozenset[str]


def known_names(project: Project) -> Known:
    """The last names that a call must have to be of interest."""
    functions: set[str] = set()
    methods: set[str] = set()
    for path in project.paths:
        module = project.module(path)
        for each in module.functions if module else ():
            if each.is_async and not each.is_generator:
                (methods if each.owner else functions).add(each.name)
    outside = {
        name: frozenset(owner.partition(".")[0] for owner, _ in owners)
        for name, owners in project[outside_names].items()
    }
    return Known(frozenset(functions), frozenset(methods), outside, frozenset((*functions, *methods, *outside)))


def suspects(project: Project) -> tuple[Symbol, ...]:
    """The functions, and modules' own code as `""`, whose calls are worth resolving."""
    known = project[known_names]
    found = []
    for path in project.paths:
        module = project.module(path)
        if module is None:
            continue
        packages: set[str] | None = None
        for function in module.functions:
            hits = [
                call for call in function.calls if call[call.rfind(".") + 1 :] in known.every and call not in function.awaited
            ]
            if not hits:
                continue
            if packages is None:
                packages = {each.module.partition(".")[0] for each in module.imports}
            if any(_may(project, path, module, function, call, known, packages) for call in hits):
                found.append(Symbol("function", path, function.qualname))
    return tuple(dict.fromkeys(found))


def _may(
    project: Project, path: str, module: Module, function: Function, call: str, known: Known, packages: set[str]
) -> bool:
    root, _, rest = call.partition(".")
    if root == "?" or (root in function.binds and function.qualname):
        return _local_may(project, path, function, root, rest, known, packages)
    if function.parent and any(root in each.binds for each in _around(module, function)):
        return True
    answer = project[resolve, (path, call)]
    if isinstance(answer, Symbol):
        return _answer_may(project, answer)
    return root in module.main.binds and rest.rpartition(".")[2] in known.methods


def _around(module: Module, function: Function) -> list[Function]:
    return [each for each in module.functions if each.qualname and function.qualname.startswith(f"{each.qualname}.")]


def _local_may(
    project: Project, path: str, function: Function, root: str, rest: str, known: Known, packages: set[str]
) -> bool:
    """A call on a parameter, a local name or something without a name."""
    last = rest.rpartition(".")[2] if rest else root
    first = function.params[0].name if function.params and function.owner else None
    if root == first and rest and "." not in rest:
        found = project[class_member, (Symbol("class", path, function.owner), rest)]
        return _answer_may(project, found)
    for param in function.params:
        if param.name == root and param.annotation_code is None and param.default_code is None and root != first:
            return False
    if not rest:
        return last in known.functions
    return last in known.methods or not packages.isdisjoint(known.outside.get(last, ()))


def _answer_may(project: Project, answer: Answer) -> bool:
    """Whether something resolved may give a coroutine; only what is certain not to is left out."""
    if isinstance(answer, Symbol) and answer.kind in ("function", "external"):
        return gives_coroutine(project, answer)
    return isinstance(answer, Symbol) and answer.kind in ("variable", "instance")
