"""Which names lead to which, by what functions of these names call: so little that it costs next to nothing."""

from __future__ import annotations

from cdlint.project import Project
from cdlint.project.places import is_aside


def leading_to(project: Project, names: frozenset[str], rounds: int) -> frozenset[str]:
    """These last names of functions, and those of all that call one of them, through so many calls."""
    found = set(names)
    called = [project[_called_in, path] for path in project.paths]
    for _ in range(rounds):
        fresh = {name for each in called for name, lasts in each if not found.isdisjoint(lasts)} - found
        if not fresh:
            break
        found |= fresh
    return frozenset(found)


def _called_in(project: Project, path: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """The names under which a file's functions are called, each with the last names of what runs then."""
    module = None if is_aside(path) else project.module(path)
    if module is None:
        return ()
    functions = [
        # A class is called by its own name.
        (each.owner.rpartition(".")[2] if each.name == "__init__" else each.name,
         each.lasts)
        for each in module.functions[1:]
    ]  # fmt: skip
    renamed = [(each.alias, frozenset({each.name})) for each in module.imports if each.renamed and each.name]
    return (*functions, *renamed)
