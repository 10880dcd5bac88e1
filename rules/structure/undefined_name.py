"""A name is used that nothing defines.

## Why
Python raises `NameError` when it reaches the line: on import for module code, else when the
function is called, which may be the one request that no test makes.

## Instead
Import or define the name, or put the quotes around it that it has lost.

## Known limits
Silent where names may come from elsewhere: a star import of a module outside the repository,
`exec`, `globals()`, settings that share one scope. Each name is reported at its first use in a
file only.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts.builtin import BUILTINS
from cdlint.facts.model import Unbound
from cdlint.project import Project
from cdlint.rule import Finding, Location, rule

from ._program import files
from ._suggest import definers, nearest
from ._undefined import undefined_names


@rule(of=files, severity="error", constraint="startup")
def undefined_name(project: Project, path: str) -> Iterator[Finding]:
    """One finding a name and file."""
    for each in project[undefined_names, path]:
        message = f"`{each.name}` is not defined."
        yield Finding(Location(path, each.at), message, symbol=each.name, cure=_cure(project, path, each))


def _cure(project: Project, path: str, unbound: Unbound) -> str:
    name = unbound.name
    if name == "__main__":
        return 'Put quotes around it: `if __name__ == "__main__":`.'
    modules = definers(project, name)
    if len(modules) == 1:
        return f"Import it: `from {modules[0]} import {name}`."
    near = nearest(name, _known(project, path, unbound)) if len(name) > 3 else ""
    return f"Did you mean `{near}`?" if near else ""


def _known(project: Project, path: str, unbound: Unbound) -> set[str]:
    module = project.module(path)
    if module is None:
        return set()
    line = unbound.at[0]
    inside = (f.binds for f in module.functions if f.at[0] <= line <= f.end_line)
    return {*BUILTINS, *(name for names in inside for name in names)}
