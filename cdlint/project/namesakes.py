"""First-party packages that only happen to be called like a distribution the repository depends on."""

from __future__ import annotations

from . import Project
from .roots import Index, index


def is_namesake(project: Project, key: tuple[str, str]) -> bool:
    """Whether the files below a root take from the package `top`, for `(root, top)`, mostly what it does not have.

    An example's folder, or a Django app next to its client library: whoever imports the name means the library.
    """
    root, top = key
    found = project[index]
    above = root + "/" if root else ""
    asked = {
        each
        for path in project.paths
        if path.startswith(above)
        for each in project[taken, path]
        if each[0] == top or each[0].startswith(top + ".")
    }
    hits = sum(_has(project, found, root, module, name) for module, name in asked)
    return bool(asked) and hits * 2 <= len(asked)


def taken(project: Project, path: str) -> frozenset[tuple[str, str]]:
    """What a file imports absolutely: pairs of module and name, `""` for the module itself or a star."""
    module = project.module(path)
    if module is None:
        return frozenset()
    absolute = [each for each in module.imports if not each.module.startswith(".")]
    return frozenset((each.module, "" if each.name in (None, "*") else each.name or "") for each in absolute)


def _has(project: Project, found: Index, root: str, module: str, name: str) -> bool:
    """Whether the package under a root has this module, and the module this name."""
    path = found.modules[root].get(module)
    if path is None:
        return module in found.namespaces[root]
    inner = f"{module}.{name}"
    if not name or inner in found.modules[root] or inner in found.namespaces[root]:
        return True
    facts = project.module(path)
    if facts is None or facts.dynamic:
        return True
    return any(binding.name in (name, "*") for binding in facts.bindings)
