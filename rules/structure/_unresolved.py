"""Imports of modules and names that the repository's own packages do not have."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Import, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.imports import importers
from cdlint.project.modules import find_module, module_symbol, submodule
from cdlint.project.names import MODULE_ATTRIBUTES, lookup, namespace
from cdlint.project.roots import index

from ._around import IMPORT_ERRORS, is_expected, statement
from ._doubted import is_doubted
from ._program import is_unused

_SHARED_SCOPE = ("split_settings",)
_GENERATED = ("_pb2", "_pb2_grpc", "_version", "_generated")
_SETTERS = frozenset(["setattr", "patch", "object"])
_GENERATED_PARTS = frozenset(["_generated", "_version", "autogen", "gen", "generated", "version"])


class MissingModule(NamedTuple):
    """An import of a module that is not there. `parent` is the package that lacks it, `""` beyond the top."""

    module: str
    parent: str
    at: At
    """Of the whole statement."""


class MissingName(NamedTuple):
    """A name that the module at `path` does not bind, and where it is asked for."""

    name: str
    path: str
    type_only: bool
    """It is bound there, but for type checkers only."""
    at: At


def missing_modules(project: Project, path: str) -> tuple[MissingModule, ...]:
    """The modules that a file imports and that do not exist, one for each statement."""
    module = project.module(path)
    if module is None:
        return ()
    found: dict[tuple[At, str], MissingModule] = {}
    for each in module.imports:
        answer = project[find_module, (path, each.module)]
        if isinstance(answer, Absent) and _fails(project, path, module, each, answer):
            at = statement(module, each.at)
            found.setdefault((at, each.module), MissingModule(each.module, answer.path, at))
    return tuple(found.values())


def _fails(project: Project, path: str, module: Module, each: Import, answer: Absent) -> bool:
    """Whether the import surely runs, fails, and nobody has provided for it."""
    if each.kind == "type-only" or _is_generated(each.module):
        return False
    if each.module.startswith("."):
        if answer.path.endswith("/") and not _is_package(project, answer.path):
            return False
    elif _is_namesake(project, path, each.module) or (_changes_path(module) and not _is_settled(project, each.module)):
        return False
    optional = each.kind == "conditional" and _is_under_if(module, each)
    if optional or is_expected(module, each.at, IMPORT_ERRORS, flags=True) or project[is_unused, path]:
        return False
    return not is_doubted(project, path, each.module)


def _is_generated(name: str) -> bool:
    parts = name.lower().split(".")
    return parts[-1].endswith(_GENERATED) or not _GENERATED_PARTS.isdisjoint(parts)


def _is_package(project: Project, folder: str) -> bool:
    """Whether a folder without `__init__.py` is used as a package: else its files may be copied elsewhere."""
    return any(imported.startswith(folder) for imported in project[importers])


def _is_namesake(project: Project, path: str, name: str) -> bool:
    """Whether a file asks for the library that a folder above it is named like, and not for what is in the folder."""
    top = name.partition(".")[0]
    return top in path.split("/")[:-1] and top in project[_asked_in_vain]


def _asked_in_vain(project: Project) -> frozenset[str]:
    """The first names of modules from which several imports want something and none gets it."""
    asked: Counter[str] = Counter()
    for path in project.paths:
        asked.update(project[_tops, path])
    several = {top for top, count in asked.items() if count > 1}
    return frozenset(several.difference(*(project[_found, path] for path in project.paths)))


def _tops(project: Project, path: str) -> tuple[str, ...]:
    """The first names of what a file imports, one for each import."""
    module = project.module(path)
    tops = (each.module.partition(".")[0] for each in module.imports) if module is not None else ()
    return tuple(top for top in tops if top)


def _found(project: Project, path: str) -> frozenset[str]:
    """Those from which an import of a file gets what it wants."""
    module = project.module(path)
    imports = module.imports if module is not None else ()
    return frozenset(each.module.partition(".")[0] for each in imports if _is_there(project, path, each))


def _is_there(project: Project, path: str, each: Import) -> bool:
    answer = project[find_module, (path, each.module)]
    if not isinstance(answer, Symbol) or answer.kind != "module":
        return False
    plain = "." not in each.module
    return not plain or (each.name is not None and isinstance(project[lookup, (answer.path, each.name)], Symbol))


def _changes_path(module: Module) -> bool:
    return any(
        call.startswith(("sys.path.", "site.addsitedir", "path.insert", "path.append"))
        for function in module.functions
        for call in function.calls
    )


def _is_settled(project: Project, name: str) -> bool:
    """Whether the package of a name can only be the one in the repository, whatever `sys.path` says."""
    found = project[index]
    top = name.partition(".")[0]
    roots = found.tops.get(top, ())
    return len(roots) == 1 and found.modules[roots[0]].get(top, "").endswith("__init__.py")


def _is_under_if(module: Module, each: Import) -> bool:
    """Module code under a condition: which holds where the import would fail nobody can tell."""
    guards = {b.guard for b in module.bindings if b.kind == "import" and module.imports[b.ref] is each}
    return not guards.isdisjoint({"if", "else"})


def missing_names(project: Project, path: str) -> tuple[MissingName, ...]:
    """The names that a file imports from modules that do not bind them."""
    module = project.module(path)
    if module is None:
        return ()
    found = []
    for each in module.imports:
        if each.name is None or each.name == "*" or each.kind == "type-only":
            continue
        target = project[find_module, (path, each.module)]
        if not isinstance(target, Symbol) or target.kind != "module":
            continue
        missing = lacks(project, target.path, each.name)
        if missing is None or is_expected(module, each.at, IMPORT_ERRORS) or project[is_unused, path]:
            continue
        if not each.module.startswith(".") and _is_namesake(project, path, each.module):
            continue
        if project[is_set_from_outside, (target.path, each.name)] or is_doubted(project, path, each.module):
            continue
        found.append(MissingName(each.name, target.path, missing, each.at))
    return tuple(found)


def lacks(project: Project, path: str, name: str) -> bool | None:
    """None unless the module surely has no such attribute when it runs; True if type checkers see one."""
    answer = project[lookup, (path, name)]
    if isinstance(answer, Absent):
        space = project[namespace, path]
        if answer.path != path or space is None or name in space.names or _is_generated(name):
            return None
        if _is_put_beside(project, path, name) or _is_taken_from_class(project, path, name):
            return None
        if shares_scope(project.module(path)):
            return None
        # A package may get the name from a module that a build makes.
        built = path.endswith("__init__.py") and not isinstance(project[find_module, (path, "." + name)], Absent)
        return None if built else False
    if path.endswith("/") or not isinstance(answer, Symbol):
        return None
    space = project[namespace, path]
    bound = space.names.get(name) if space is not None else None
    if space is None or bound is None or not bound.type_only or name in MODULE_ATTRIBUTES:
        return None
    inner = submodule(project, module_symbol(path), name)
    return True if not (space.dynamic or space.stars or inner) else None


def _is_put_beside(project: Project, path: str, name: str) -> bool:
    """Whether a library that keeps the history of a class may have put a class of this name next to it."""
    module = project.module(path)
    origins = {name.removeprefix("Historical"), name.removesuffix("Event")} - {name}
    # The one kind is asked for by a field or an outside base, the other by a decorator.
    return any(
        each.name in origins and not each.parent and (name.startswith("Historical") or each.decorator_codes)
        for each in (module.classes if module is not None else ())
    )


def _is_taken_from_class(project: Project, path: str, name: str) -> bool:
    """Whether a class of settings in the module has the name: django-configurations puts it into the module."""
    module = project.module(path)
    if module is None or not name.isupper() or all(each.module != "configurations" for each in module.imports):
        return False
    return any(name in each.methods or any(field.name == name for field in each.fields) for each in module.classes)


def shares_scope(module: Module | None) -> bool:
    """Whether a module runs other files in its own names."""
    if module is None:
        return False
    calls = {call for function in module.functions for call in function.calls}
    imports = (each.module.startswith(_SHARED_SCOPE) for each in module.imports)
    return any(imports) or bool(calls & {"exec", "execfile"})


def is_set_from_outside(project: Project, key: tuple[str, str]) -> bool:
    """Whether a file that imports a module assigns this attribute of it: `m.x = 1`, `setattr(m, "x", 1)`."""
    path, name = key
    return any(project[_sets, (importer, name)] for importer, _ in project[importers].get(path, ()))


def _sets(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    return module is not None and any(
        function.mentions(name) and name in _assigned(function.body) for function in module.functions
    )


def _assigned(body: tuple[tree.Node, ...]) -> set[str]:
    found: set[str] = set()
    for node in tree.walk(*body):
        if isinstance(node, tree.Assign):
            found.update(t.last for t in node.targets if isinstance(t, tree.Path) and t.root != t.text)
        elif isinstance(node, tree.Call) and isinstance(node.func, tree.Path) and node.func.last in _SETTERS:
            strings = (arg.value for arg in node.args if isinstance(arg, tree.Constant))
            found.update(value.rpartition(".")[2] for value in strings if isinstance(value, str))
    return found
