"""An import names a module that the repository's own package does not have.

## Why
Python raises `ModuleNotFoundError` when it reaches the import, so the file that holds it cannot
be loaded, nor can anything that imports that file. It is what a half-finished rename, or an
edit of several files that lost one of them, leaves behind.

## Instead
Create the module, or import from the one that is really there.

## Known limits
Imports for type checkers, under a condition on module level, in a `try` that takes the
`ImportError`, of modules that git ignores or that a generator writes, and those in folders of
samples and templates are left alone. Where twenty files and more want what a package lacks, and
fewer find what they want in it, they are taken to mean another package of its name.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.modules import module_name, modules_by_name
from cdlint.rule import Evidence, Finding, Location, rule

from ._program import files
from ._suggest import nearest
from ._unresolved import MissingModule, missing_modules


@rule(of=files, severity="error", constraint="wiring")
def unresolved_first_party_module(project: Project, path: str) -> Iterator[Finding]:
    """One finding for each statement and module."""
    for missing in project[missing_modules, path]:
        if not missing.parent:
            message = f"`{missing.module}` leads out of the top-level package of this file."
            cure = "Write the import with fewer dots, or from the top-level package."
            yield Finding(Location(path, missing.at), message, symbol=missing.module, cure=cure)
            continue
        parent = _parent_name(project, missing.parent)
        is_package = missing.parent.endswith(("/", "__init__.py"))
        why = "has nothing of that name" if is_package else "is a file, not a package"
        related: tuple[Evidence, ...] = ()
        if missing.parent.endswith(".py"):
            related = (Evidence(Location(missing.parent, (1, 0, 1, 0)), f"`{parent}`, which {why}"),)
        message = f"There is no module `{_full_name(missing, parent)}`: `{parent}` {why}."
        cure = _cure(project, missing, parent)
        yield Finding(Location(path, missing.at), message, related, symbol=missing.module, cure=cure)


def _parent_name(project: Project, parent: str) -> str:
    return parent.rstrip("/").replace("/", ".") if parent.endswith("/") else module_name(project, parent)


def _full_name(missing: MissingModule, parent: str) -> str:
    """The module's absolute name, as far as the parent says what the dots stand for."""
    if not missing.module.startswith("."):
        return missing.module
    rest = missing.module.lstrip(".").split(".")
    last = parent.rpartition(".")[2]
    tail = rest[rest.index(last) + 1 :] if last in rest else rest
    return ".".join((parent, *tail))


def _cure(project: Project, missing: MissingModule, parent: str) -> str:
    full = _full_name(missing, parent)
    known = project[modules_by_name]
    lost = full.removeprefix(parent + ".").partition(".")[0]
    similar = nearest(lost, (name.rpartition(".")[2] for name in known if name.rpartition(".")[0] == parent))
    near = full.replace(f"{parent}.{lost}", f"{parent}.{similar}", 1) if similar else ""
    if near not in known:
        moved = [name for name in known if name.rpartition(".")[2] == full.rpartition(".")[2] and "." in name]
        near = moved[0] if len(moved) == 1 else ""
    return f"Import from `{near}`, or create `{full}`." if near else ""
