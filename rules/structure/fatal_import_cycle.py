"""Modules import each other so that one takes a name which the other has not defined yet.

## Why
Python runs a module from top to bottom when it is first imported. In a cycle the second module
finds the first one half loaded: a name that is bound further down is not there, and the import
raises `ImportError: cannot import name ... from partially initialized module`.

## Instead
Move what both modules need into a third one, or import inside the function that needs it.

## Known limits
The order of loading is followed from the files that the repository imports the cycle from, and
a cycle that works from any of them is not reported, unless a program's own start fails. Calls
on module level are not entered.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.project import Project
from cdlint.project.modules import module_name
from cdlint.rule import Evidence, Finding, Location, rule

from ._entries import failures
from ._startup import Failure
from ._suggest import definition


@rule(of=failures, severity="error", constraint="startup")
def fatal_import_cycle(project: Project, failure: Failure) -> Iterator[Finding]:
    """One finding a cycle, at the import that fails."""
    last = failure.chain[-1]
    importer, source = module_name(project, last.path), module_name(project, failure.source)
    verb = "imports" if last.step.kind == "import" else "reads"
    message = f"`{importer}` {verb} `{failure.name}` from `{source}`, which imports it before it has defined that name."
    place = definition(project, failure.source, failure.name)
    related = (Evidence(place, f"`{failure.name}` is defined here"),) if place is not None else ()
    yield Finding(
        Location(last.path, last.step.at),
        message,
        related,
        _chain(project, failure),
        symbol=f"{importer} -> {source}.{failure.name}",
        cure=f"Import `{failure.name}` in the function that uses it, or move it to a module that imports neither.",
    )


def _chain(project: Project, failure: Failure) -> tuple[Evidence, ...]:
    names = [module_name(project, frame.path) for frame in failure.chain]
    targets = [*names[1:], module_name(project, failure.source)]
    return tuple(
        Evidence(Location(frame.path, frame.step.at), f"`{name}` imports `{target}`")
        for frame, name, target in zip(failure.chain, names, targets, strict=True)
    )
