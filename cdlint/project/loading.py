"""What surely happens when a file is loaded: the packages above it, and the imports that run, whatever holds."""

from __future__ import annotations

from typing import NamedTuple

from ..facts import tree
from ..facts.model import Module
from ..facts.tree import At
from . import Project
from .modules import known_paths


class Need(NamedTuple):
    """A module that a file surely imports when it is loaded: as written, with the names taken from it."""

    module: str
    names: tuple[str, ...]
    line: int


def packages_of(project: Project, path: str) -> tuple[str, ...]:
    """The `__init__.py` files that Python runs before this file, outermost first."""
    known = project[known_paths]
    folder = path.rpartition("/")[0]
    if path.endswith("/__init__.py"):
        folder = folder.rpartition("/")[0]
    found = []
    while folder and f"{folder}/__init__.py" in known:
        found.append(f"{folder}/__init__.py")
        folder = folder.rpartition("/")[0]
    return tuple(reversed(found))


def needs(project: Project, path: str) -> tuple[Need, ...]:
    """The imports of a file that run whenever it is loaded, in their order."""
    module = project.module(path)
    if module is None:
        return ()
    guarded = {binding.ref for binding in module.bindings if binding.kind == "import" and binding.guard}
    tried = _suppressed(module) if any(each.endswith("suppress") for each in module.main.calls) else []
    found: dict[tuple[str, int], list[str]] = {}
    for index, each in enumerate(module.imports):
        if each.kind != "runtime" or each.scope or index in guarded:
            continue
        if not any(at[0] <= each.at[0] <= at[2] for at in tried):
            found.setdefault((each.module, each.at[0]), []).append(each.name or "")
    return tuple(Need(name, tuple(names), line) for (name, line), names in found.items())


def _suppressed(module: Module) -> list[At]:
    """Where errors are let go by: `with suppress(ImportError):`."""
    return [
        node.at
        for node in module.main.nodes
        if isinstance(node, tree.With)
        and any(isinstance(each, tree.Call) and getattr(each.func, "last", "") == "suppress" for each, _ in node.items)
    ]
