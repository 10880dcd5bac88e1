"""Under which names the repository keeps objects of its own classes that it calls as functions are called."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import words
from cdlint.project.classes import class_member
from cdlint.project.places import is_aside

_ASSIGN, _PATH = tree.TAG[tree.Assign], tree.TAG[tree.Path]


def called_by(project: Project, answer: Answer) -> Symbol | None:
    """The method that runs when an object of the repository is called."""
    if not isinstance(answer, Symbol) or answer.kind != "instance":
        return None
    method = project[class_member, (Symbol("class", answer.path, answer.name), "__call__")]
    return method if isinstance(method, Symbol) and method.kind == "function" else None


def called_objects(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """Name of a parameter, an attribute, a variable or what returns one -> what calling such an object may run."""
    callables = project[_callables]
    found: dict[str, dict[Symbol, None]] = {}
    for path in project.paths if callables else ():
        for name, cls in project[_kept_in, path]:
            found.setdefault(name, {}).update(dict.fromkeys(callables.get(cls, ())))
    return {name: tuple(methods) for name, methods in found.items()}


def _callables(project: Project) -> dict[str, tuple[Symbol, ...]]:
    """Name of a class whose objects are called, or of an alias of its annotation -> the methods that run."""
    found: dict[str, list[Symbol]] = {}
    for path in project.paths:
        for name in project[_callables_in, path]:
            found.setdefault(name.rpartition(".")[2], []).append(Symbol("function", path, f"{name}.__call__"))
    aliases: dict[str, list[Symbol]] = {}
    for path in project.paths if found else ():
        for alias, said in project[_aliases_in, path]:
            for name in sorted(said & found.keys()):
                aliases.setdefault(alias, []).extend(found[name])
    return {name: tuple(methods) for name, methods in {**aliases, **found}.items()}


def _callables_in(project: Project, path: str) -> tuple[str, ...]:
    module = None if is_aside(path) else project.module(path)
    return tuple([each.qualname for each in module.classes if "__call__" in each.methods]) if module else ()


def _aliases_in(project: Project, path: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The annotations that a file gives a name to, `Recorder = Annotated[Record, ...]`, with the names in them."""
    module = None if is_aside(path) else project.module(path)
    kind = tree.TAG[tree.Subscript]
    bindings = [each for each in (module.bindings if module else ()) if each.value_code and each.value_code[0] == kind]
    return tuple([(each.name, frozenset(words(each.value_code))) for each in bindings])


def _kept_in(project: Project, path: str) -> frozenset[tuple[str, str]]:
    """The names of a file that may hold such an object, each with that of its class."""
    module = None if is_aside(path) else project.module(path)
    if module is None or project[_callables].keys().isdisjoint(module.main.binds):
        return frozenset()
    known = frozenset(project[_callables])
    found = set(_bound(module, known))
    for function in module.functions:
        found.update((function.name, cls) for cls in words(function.returns_code) & known)
        given = {each.name: words(each.annotation_code or each.default_code) & known for each in function.params}
        found.update((name, cls) for name, classes in given.items() for cls in classes)
        if any(given.values()) or not known.isdisjoint(function.lasts):
            found.update(_assigned(function, given, known))
    return frozenset(found)


def _bound(module: Module, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What the module and its classes bind to such an object, or say that they do."""
    for each in (*module.bindings, *(field for cls in module.classes for field in cls.fields)):
        if each.kind in ("assign", "annotation"):
            made = {each.callee.rpartition(".")[2]} if each.callee else set[str]()
            yield from ((each.name, cls) for cls in (words(each.annotation_code) | made) & known)


def _assigned(function: Function, given: dict[str, set[str]], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The local names and attributes to which a function assigns one that it makes or is given."""
    for code in function.statements():
        if code[0] == _ASSIGN and code[2] is not None:
            said = words(code[2])
            classes = (said & known).union(*(given.get(name, ()) for name in said))
            for target in code[1] if classes else ():
                if target[0] == _PATH:
                    yield from ((target[1].rpartition(".")[2], cls) for cls in classes)
