"""A module lies beside a package of the same name, so it is never imported.

## Why
Python looks for the folder first: with `views/__init__.py` there, `views.py` next to it cannot be
imported under any name. What is changed in it has no effect, and names that only it defines are
missing. It is what remains of a module that was split into a package.

## Instead
Move what is still needed into the package and delete the module, or rename one of the two.

## Known limits
Only modules inside of packages are reported, since others may be run as scripts, and none that
has a part for being run or that some code loads by its file name. A module that hides one of the
standard library or of a dependency is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._program import is_sample


def hidden_modules(project: Project) -> tuple[str, ...]:
    """The modules inside of packages that have a package of their name beside them."""
    known = frozenset(project.paths)
    found = []
    for path in project.paths:
        folder = path.rpartition("/")[0]
        package = f"{path.removesuffix('.py')}/__init__.py"
        if package in known and f"{folder}/__init__.py" in known and not is_aside(path):
            found.append(path)
    return tuple(found)


@rule(of=hidden_modules, severity="warning", constraint="layout", precision="A")
def module_shadowing_or_collision(project: Project, path: str) -> Iterator[Finding]:
    """Modules that cannot be imported because a package has their name."""
    module = project.module(path)
    if module is None or project[is_sample, path] or _is_run(module) or _is_loaded(project, path):
        return
    package = path.removesuffix(".py")
    yield Finding(
        Location(path, (1, 0, 1, 0)),
        f"`{path}` is never imported, because the package `{package}/` has the same name.",
        related=(Evidence(Location(f"{package}/__init__.py", (1, 0, 1, 0)), "the package that is imported instead"),),
        symbol=path,
        cure=f"Move what is still needed into `{package}/` and delete `{path}`, or rename one of them.",
    )


def _is_run(module: Module) -> bool:
    """Whether the module has a part for being run, or nothing that anybody could miss."""
    return (
        any(each.guard == "main" for each in module.bindings)
        or module.main.mentions("__main__")
        or not (module.functions[1:] or module.classes or module.bindings)
    )


def _is_loaded(project: Project, path: str) -> bool:
    """Whether some code knows the module's file name, to load or run it."""
    name = path.rpartition("/")[2]
    return any(
        function.mentions(name)
        for each in project.paths
        if (module := project.module(each)) is not None
        for function in module.functions
    )
