"""A name is taken from one of the repository's own modules, which does not define it.

## Why
`from module import name` raises `ImportError` as soon as the file is loaded, and `module.name`
raises `AttributeError` when the line runs. Both are what is left when a function was renamed
in one file only, or was never written.

## Instead
Use the name that the module defines, or define the missing one there.

## Known limits
Silent where names may come from elsewhere: a module `__getattr__`, `globals()`, a star import
from outside the repository, attributes that another file sets. `package.module` is taken as
there even if nobody has imported that module. A package from which most files want what it
lacks, and twenty at least, is taken for another one of its name.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.modules import module_name
from cdlint.rule import Evidence, Finding, Location, rule

from ._attributes import missing_attributes
from ._program import files
from ._suggest import definers, definition, nearest, public_names
from ._unresolved import MissingName, missing_names


@rule(of=files, severity="error", constraint="wiring")
def unresolved_first_party_name(project: Project, path: str) -> Iterator[Finding]:
    """One finding for each imported name and for each attribute that is read."""
    for missing in (*project[missing_names, path], *project[missing_attributes, path]):
        module = module_name(project, missing.path)
        near = nearest(missing.name, public_names(project, missing.path))
        yield Finding(
            Location(path, missing.at),
            _message(missing, module),
            _related(project, missing, module, near),
            symbol=f"{module}.{missing.name}",
            cure=_cure(project, missing, module, near),
        )


def _message(missing: MissingName, module: str) -> str:
    if missing.type_only:
        return f"`{module}` binds `{missing.name}` for type checkers only, so it is not there when the code runs."
    return f"`{module}` does not define `{missing.name}`."


def _related(project: Project, missing: MissingName, module: str, near: str) -> tuple[Evidence, ...]:
    known = missing.name if missing.type_only else near
    place = definition(project, missing.path, known) if known else None
    if place is not None:
        return (Evidence(place, f"`{known}` is defined here"),)
    return (Evidence(Location(missing.path, (1, 0, 1, 0)), f"the module `{module}`"),)


def _cure(project: Project, missing: MissingName, module: str, near: str) -> str:
    others = [each for each in definers(project, missing.name) if each != module]
    if missing.type_only:
        return f"Import `{missing.name}` from where it is defined."
    if len(others) == 1:
        return f"Take `{missing.name}` from `{others[0]}`, which defines it."
    return f"Did you mean `{near}`?" if near else ""
