"""Of which classes of the repository the program makes objects, itself or through a framework."""

from __future__ import annotations

from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.calls import words
from cdlint.project.places import is_aside

from ._members import closed_names

_GIVEN = frozenset({"Depends", "Factory", "Security", "Singleton"})


def made(project: Project) -> frozenset[str]:
    """The names of the classes that the program makes objects of: of others only those below may be made."""
    return frozenset(name for path in project.paths for name in project[_made_in, path])


def _made_in(project: Project, path: str) -> frozenset[str]:
    module = None if is_aside(path) else project.module(path)
    called = {call.rpartition(".")[2] for each in (module.functions if module else ()) for call in each.calls}
    if module is not None and any(each.name in _GIVEN or each.name == "providers" for each in module.imports):
        called |= _provided(module)
    return project[closed_names] & called


def _provided(module: Module) -> set[str]:
    """The names in what a module hands to a framework that makes the objects, as in `Depends(Service)`."""
    params = [each for function in module.functions for each in function.params]
    said = [words(each.default_code) | words(each.annotation_code) for each in params]
    bindings = [*module.bindings, *(each for cls in module.classes for each in cls.fields)]
    said.extend(words(each.value_code) for each in bindings)
    return set[str]().union(*(each for each in said if not _GIVEN.isdisjoint(each)))
