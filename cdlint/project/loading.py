"""What surely happens when a file is loaded: the imports that run, whatever holds."""

from __future__ import annotations

from typing import NamedTuple

from . import Project


class Need(NamedTuple):
    """A module that a file surely imports when it is loaded: as written, with the names taken from it."""

    module: str
    names: tuple[str, ...]
    line: int


def needs(project: Project, path: str) -> tuple[Need, ...]:
    """The imports of a file that run whenever it is loaded, in their order."""
    module = project.module(path)
    if module is None:
        return ()
    guarded = {binding.ref for binding in module.bindings if binding.kind == "import" and binding.guard}
    found: dict[tuple[str, int], list[str]] = {}
    for index, each in enumerate(module.imports):
        if each.kind == "runtime" and not each.scope and index not in guarded:
            found.setdefault((each.module, each.at[0]), []).append(each.name or "")
    return tuple(Need(name, tuple(names), line) for (name, line), names in found.items())
