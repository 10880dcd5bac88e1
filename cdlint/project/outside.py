"""Modules of installed packages: their paths, and what an import inside one of them names.

They are read only with `--python`, are never among the paths of the project, and no import of
the repository leads to them: packs know frameworks by the names under which they are imported.
"""

from __future__ import annotations

from collections.abc import Callable

from . import INSTALLED, Project
from .answers import Answer, Symbol, Unknown, external


def is_installed(path: str) -> bool:
    """Whether a path is that of an installed module."""
    return path.startswith(INSTALLED)


def frameworks(project: Project) -> frozenset[str]:
    """The packages that packs know by name, from all packs: nothing leads to their inside."""
    providers: tuple[Callable[[Project], frozenset[str]], ...] = project.provided(frameworks)
    return frozenset().union(*(project[each] for each in providers))


def installed_file(project: Project, dotted: str) -> str | None:
    """The path of an installed module, None when there is none that can be read."""
    if not all(part.isidentifier() for part in dotted.split(".")):
        return None
    place = INSTALLED + dotted.replace(".", "/")
    return next((path for path in (f"{place}/__init__.py", f"{place}.py") if project.facts(path) is not None), None)


def imported_outside(project: Project, importer: str, name: str) -> Answer:
    """What an import in an installed module means: a module of the same package, else something external."""
    package = importer.removeprefix(INSTALLED).split("/")
    level = len(name) - len(name.lstrip("."))
    if level >= len(package):
        return Unknown("an import from above the package")
    dotted = ".".join((*package[: len(package) - level], *filter(None, [name[level:]]))) if level else name
    top = dotted.partition(".")[0]
    if top == package[0].removesuffix(".py") and top not in project[frameworks]:
        path = installed_file(project, dotted)
        if path is not None:
            return Symbol("module", path, "")
    return external(dotted)


def installed_name(symbol: Symbol) -> str:
    """The dotted name of an installed class, by the module that defines it."""
    module = symbol.path.removeprefix(INSTALLED).removesuffix(".py").removesuffix("/__init__")
    return f"{module.replace('/', '.')}.{symbol.name}"
