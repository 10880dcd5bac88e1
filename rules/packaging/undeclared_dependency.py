"""The program imports a package that no manifest or lock file of the repository installs.

## Why
It works on the machine where somebody once installed the package by hand. In a fresh environment the
import raises `ModuleNotFoundError` and the program does not start.

## Instead
Declare the distribution that the module comes from (`import jwt` is `PyJWT`).

## Known limits
Only well-known packages are reported, and only when everything that is declared is known with all that
it brings along, or a lock file lists it. Imports in a `try`, under a condition, in functions and in tests,
repositories without a manifest, images of unknown base and Conda environments are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.rule import Evidence, Finding, Location, rule

from ._undeclared import Undeclared, undeclared


@rule(of=undeclared, severity="error", constraint="startup")
def undeclared_dependency(project: Project, each: Undeclared) -> Iterator[Finding]:
    """One finding for each distribution."""
    if each.program:
        message = f"`{each.program}` is started here, and `{each.manifest}` does not install it."
    else:
        message = f"`{each.module}` is imported here, and `{each.manifest}` does not install `{each.distribution}`."
    related = (Evidence(Location(each.manifest, (each.line, 0, each.line, 0)), "what is installed"),)
    cure = f"Add `{each.distribution}` to `{each.manifest}`."
    yield Finding(each.at, message, related, symbol=each.distribution, cure=cure)
