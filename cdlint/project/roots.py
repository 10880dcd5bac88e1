"""Where the import roots of the repository are, and the dotted name of every module.

Python knows its roots only when it runs (`sys.path`). Here they are inferred: the folder
above each top-level package, the folders that make the repository's own absolute imports
come true (`backend/` for `from app.core import config` with `backend/app/core/config.py`,
`__init__` or not), and those that the configuration names.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from ..facts import tree
from . import Project
from .manifests import homes, is_declared
from .places import is_aside

_STARTS = frozenset(["app.py", "main.py", "manage.py", "run.py"])
_ADDING = frozenset(["sys.path.append", "sys.path.insert"])


class Index(NamedTuple):
    """The modules by root and dotted name."""

    roots: tuple[str, ...]
    """Root folders, sorted; `""` is the repository's own."""
    modules: dict[str, dict[str, str]]
    """Root -> dotted name -> path of the module or of a package's `__init__.py`."""
    namespaces: dict[str, frozenset[str]]
    """Root -> dotted names of folders without `__init__.py` that hold Python files."""
    tops: dict[str, tuple[str, ...]]
    """Top-level name -> the roots that have it, sorted."""
    names: dict[str, str]
    """Path -> its dotted name under the root that it belongs to."""
    owners: dict[str, str]
    """Path -> the root that it belongs to."""


def imported(project: Project, path: str) -> frozenset[str]:
    """The dotted names that a file imports absolutely."""
    module = project.module(path)
    if module is None:
        return frozenset()
    found = set()
    for each in module.imports:
        if not each.module.startswith("."):
            found.add(each.module)
    return frozenset(found)


def index(project: Project) -> Index:
    """The module index of the repository."""
    paths = project.paths
    packages = {_folder(path) for path in paths if path.rpartition("/")[2] == "__init__.py"}
    # No import reaches a folder called `game-server`, whatever it holds.
    packages = {each for each in packages if not each or each.rpartition("/")[2].isidentifier()}
    configured = tuple(str(root).strip("/").removeprefix("./") for root in project.setting("source-roots", ()))
    spoken = {(_folder(path), word) for path in paths if not is_aside(path) for word in project[_put_on_path, path]}
    evidence, chosen = _evidence(project, paths, packages, spoken)
    owners = {path: _owner(path, packages, evidence, chosen, configured) for path in paths}
    roots = {*owners.values(), *(root for root, _ in evidence), *configured, ""}
    return _build(paths, roots, owners)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def parents(folder: str) -> list[str]:
    """The folder and those above it, deepest first, the root `""` last."""
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return found


def _base(folder: str, packages: set[str]) -> str:
    """The first folder upwards that is not a package: the one Python would need on its path."""
    while folder in packages and folder:
        folder = _folder(folder)
    return folder


def _top(folder: str, packages: set[str]) -> str:
    """The folder above the topmost package around a file, with folders without `__init__.py` in between."""
    around = [each for each in parents(folder) if each and each in packages]
    return _folder(around[-1]) if around else folder


def _evidence(
    project: Project, paths: tuple[str, ...], packages: set[str], spoken: set[tuple[str, str]]
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Folders under which dotted imports of the repository's own files come true, each with the top-level name.

    A one-segment import proves nothing (any script has a neighbour named `utils`), so at least
    `a.b` must exist as a module or folder. Of those in a package also the ones that code puts on the
    path and under whose names most files import what is there.
    """
    started = {_folder(path) for path in paths if path.rpartition("/")[2] in _STARTS}
    places: dict[str, set[str]] = {}
    for path in paths:
        parts = path.removesuffix("/__init__.py").removesuffix(".py").split("/")
        for depth in range(len(parts) - 1):
            places.setdefault(f"{parts[depth]}.{parts[depth + 1]}", set()).add("/".join(parts[:depth]))
    wanted: dict[str, dict[str, set[str]]] = {}
    serving: set[str] = set()
    for path in paths:
        for dotted in {".".join(name.split(".")[:2]) for name in project[imported, path] if "." in name}:
            wanted.setdefault(dotted.partition(".")[0], {}).setdefault(dotted, set()).add(path)
        serving.update(() if is_aside(path) else (name.partition(".")[0] for name in project[imported, path]))
    found: set[tuple[str, str]] = set()
    chosen: set[tuple[str, str]] = set()
    known: set[str] = set()
    for top, importers in wanted.items():
        if top in sys.stdlib_module_names or project[is_declared, top]:
            # More likely the distribution of that name; a regular package needs no evidence.
            continue
        for dotted in importers:
            candidates = places.get(dotted, set())
            if len(candidates) <= 8:
                # A program in the package that it imports by that name: the folder above it is on the path.
                begun = started | {each for each in candidates if f"{each}/{top}" in started}
                begun |= {each for each in candidates if _is_put_there(each, spoken)}
                # What only tests import by that name is not what the program in the package has on its path.
                begun = begun if top in serving else set()
                roots = {each for each in candidates if each in begun or not _is_packaged(each, packages)}
                known |= {each for each in roots if not project[homes].isdisjoint(_homes(each, top))}
                roots = {each for each in roots if each in known or _explains(each, importers, places, packages)}
                known |= roots
                found |= {(each, top) for each in roots}
                inner = {each for each in roots if _is_packaged(each, packages) and _is_put_there(each, spoken)}
                chosen |= {(each, top) for each in inner if _is_usual(each, top, wanted, places, packages)}
    return found, chosen


def _homes(root: str, top: str) -> set[tuple[str, str]]:
    """Where the manifest of a distribution may lie whose modules are below a root."""
    above = _folder(root) if root.rpartition("/")[2] == "src" else root
    return {(root, top.lower()), (above, top.lower())}


def _is_usual(
    root: str, top: str, wanted: dict[str, dict[str, set[str]]], places: dict[str, set[str]], packages: set[str]
) -> bool:
    """Whether more files import what lies in a folder of a package by its name there than through the package."""
    outer = _top(root, packages)
    first, second = f"{root}/{top}".removeprefix(f"{outer}/" if outer else "").split("/")[:2]
    short = {path for dotted, users in wanted[top].items() if root in places.get(dotted, ()) for path in users}
    return len(short) > len(wanted.get(first, {}).get(f"{first}.{second}", ()))


def _put_on_path(project: Project, path: str) -> frozenset[str]:
    """The last folders that a file speaks of where it adds to `sys.path`."""
    module = project.module(path)
    functions = module.functions if module is not None else ()
    calls = (
        call
        for function in functions
        if not _ADDING.isdisjoint(function.calls)
        for call in function.call_nodes
        if isinstance(call.func, tree.Path) and call.func.text in _ADDING
    )
    texts = (each.value for call in calls for each in tree.walk(call) if isinstance(each, tree.Constant))
    return frozenset(text.rstrip("/").rpartition("/")[2] for text in texts if isinstance(text, str)) - {""}


def _is_put_there(root: str, spoken: set[tuple[str, str]]) -> bool:
    """Whether a file beside or below the folder above this one adds a folder of its name to `sys.path`."""
    above, _, name = root.rpartition("/")
    return any(word == name and (f"{folder}/".startswith(f"{above}/") or not above) for folder, word in spoken)


def _explains(root: str, importers: dict[str, set[str]], places: dict[str, set[str]], packages: set[str]) -> bool:
    """Whether most of what the files below a folder import under one top-level name lies in the folder.

    A package that happens to be called like a distribution holds some of the distribution's modules too.
    A tree of tests that mirrors the code, and a package with inner packages that are called like
    outer ones, hold the same names once more: there the folder above that explains as much is meant.
    """
    every = [dotted for dotted in importers if not _is_elsewhere(dotted, root, places, packages)]
    below = [dotted for dotted in every if not root or any(p.startswith(root + "/") for p in importers[dotted])]
    wanted = below or every
    hits = sum(root in places.get(dotted, ()) for dotted in wanted)
    if hits * 2 <= len(wanted):
        return False
    if not _is_inner(root, packages):
        return True
    above = [each for each in parents(root)[1:] if not _is_inner(each, packages)]
    return not any(sum(each in places.get(dotted, ()) for dotted in wanted) >= hits for each in above)


def _is_elsewhere(dotted: str, root: str, places: dict[str, set[str]], packages: set[str]) -> bool:
    """Whether a name lies only in other portions of a package without `__init__.py`, as over several distributions."""
    top, others = dotted.partition(".")[0], places.get(dotted, set())
    portions = (f"{each}/{top}" if each else top for each in (root, *others))
    return bool(others) and root not in others and packages.isdisjoint(portions)


def _is_inner(root: str, packages: set[str]) -> bool:
    """Whether a folder lies in a package or among the tests: seldom what Python has on its path."""
    return is_aside(root + "/") or _is_packaged(root, packages)


def _is_packaged(root: str, packages: set[str]) -> bool:
    """Whether a folder is or lies in a package, so that only a program in it makes it a root."""
    return any(each in packages for each in parents(root) if each)


def _owner(
    path: str,
    packages: set[str],
    evidence: set[tuple[str, str]],
    chosen: set[tuple[str, str]],
    configured: tuple[str, ...],
) -> str:
    """The root that gives a file its name: a configured one, one with evidence, or the one its packages need."""
    folder = _folder(path)
    for root in parents(folder):
        if root in configured or (root, _below(path, root)) in chosen:
            return root
    base = _base(folder, packages)
    for root in parents(base):
        if (root, _below(path, root)) in evidence:
            return root
    if base == folder:
        # In no package, it goes with the files around it.
        roots = {root for root, _ in evidence}
        return next((root for root in parents(folder) if root in roots), _top(folder, packages))
    # A package that is a root too: `manage.py` beside an `__init__.py`.
    inner = (root for root in reversed(parents(folder)) if (root, _below(path, root)) in evidence)
    return next(inner, _top(folder, packages))


def _below(path: str, root: str) -> str:
    """The top-level name of a file under a root."""
    return (path[len(root) + 1 :] if root else path).partition("/")[0].removesuffix(".py")


def _build(paths: tuple[str, ...], roots: set[str], owners: dict[str, str]) -> Index:
    modules: dict[str, dict[str, str]] = {root: {} for root in roots}
    namespaces: dict[str, set[str]] = {root: set() for root in roots}
    names: dict[str, str] = {}
    for path in paths:
        for root in parents(_folder(path)):
            if root not in roots:
                continue
            dotted = dotted_name(path, root)
            if dotted is None:
                continue
            known = modules[root].get(dotted)
            if known is None or path.endswith("/__init__.py"):
                modules[root][dotted] = path
            if owners[path] == root:
                names[path] = dotted
            parent = dotted.rpartition(".")[0]
            while parent and parent not in namespaces[root]:
                namespaces[root].add(parent)
                parent = parent.rpartition(".")[0]
    tops: dict[str, set[str]] = {}
    for root in roots:
        for dotted in (*modules[root], *namespaces[root]):
            if "." not in dotted:
                tops.setdefault(dotted, set()).add(root)
    return Index(
        tuple(sorted(roots)),
        modules,
        {root: frozenset(found - modules[root].keys()) for root, found in namespaces.items()},
        {name: tuple(sorted(found)) for name, found in tops.items()},
        names,
        owners,
    )


def dotted_name(path: str, root: str) -> str | None:
    """The dotted name of a file under a root; None for the root's own `__init__.py`."""
    inner = path[len(root) + 1 :] if root else path
    inner = inner.removesuffix(".py")
    if inner.endswith("/__init__"):
        inner = inner.removesuffix("/__init__")
    elif inner == "__init__":
        return None
    return inner.replace("/", ".")
