"""Attributes read from the repository's own modules (`crud.get_user`) that those modules do not have."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.names import lookup

from ._around import ANY_ERROR, is_expected
from ._program import is_sample
from ._unresolved import MissingName, lacks, set_from_outside

_ERRORS = ANY_ERROR | {"AttributeError"}


def missing_attributes(project: Project, path: str) -> tuple[MissingName, ...]:
    """The attributes that a file reads from first-party modules that do not bind them."""
    module = project.module(path)
    if module is None:
        return ()
    known = _modules(project, path, module)
    if not known:
        return ()
    return tuple(
        missing
        for read in _reads(module, known)
        if (missing := _missing(project, known[read.root], read)) is not None
        and not is_expected(module, read.at, _ERRORS)
        and not project[is_sample, path]
    )


def _modules(project: Project, path: str, module: Module) -> dict[str, Symbol]:
    """The names of the file's top level that stand for first-party modules, and for nothing else."""
    others = {binding.name for binding in module.bindings if binding.kind != "import"}
    others.update(field.name for each in module.classes for field in each.fields)
    found: dict[str, Symbol] = {}
    for each in module.imports:
        if each.scope or each.kind == "type-only" or each.alias in others:
            continue
        symbol = project[lookup, (path, each.alias)]
        if each.kind != "runtime" or not isinstance(symbol, Symbol) or not _is_file(symbol):
            others.add(each.alias)
            found.pop(each.alias, None)
        elif each.alias not in found or (each.name is None and not each.renamed):
            found[each.alias] = symbol
        elif found[each.alias] != symbol:
            others.add(each.alias)
    return {alias: symbol for alias, symbol in found.items() if alias not in others}


def _is_file(symbol: Symbol) -> bool:
    return symbol.kind == "module" and symbol.path.endswith(".py")


def _reads(module: Module, known: dict[str, Symbol]) -> Iterator[tree.Path]:
    """The paths that start from one of the names, wherever no inner scope binds that name."""
    lazy = any(each.module == "__future__" and each.name == "annotations" for each in module.imports)
    functions = {function.qualname: function for function in module.functions}
    for function in module.functions:
        outer = known.keys() - _bound_around(functions, function.parent)
        yield from _paths(_header(function, lazy), outer)
        inner = {name for name in outer - {*function.binds} if function.mentions(name + ".")}
        if inner:
            yield from _paths(function.body, inner)
    for each in module.classes:
        header = (*each.bases, *(value for _, value in each.keywords), *each.decorators)
        yield from _paths(header, known.keys() - _bound_around(functions, each.parent))


def _bound_around(functions: dict[str, Function], qualname: str) -> set[str]:
    bound: set[str] = set()
    while qualname:
        function = functions.get(qualname)
        if function is not None:
            bound.update(function.binds)
        qualname = qualname.rpartition(".")[0]
    return bound


def _header(function: Function, lazy: bool) -> tuple[Node, ...]:
    """What runs when the function is defined."""
    if not function.qualname:
        return ()
    defaults = [param.default for param in function.params if param.default_code is not None]
    if lazy:
        return (*function.decorators, *defaults)
    annotations = [param.annotation for param in function.params if param.annotation_code is not None]
    return (*function.decorators, *defaults, *annotations, function.returns)


def _paths(nodes: tuple[Node, ...], names: AbstractSet[str]) -> Iterator[tree.Path]:
    found: list[tree.Path] = []
    hidden: set[str] = set()
    written: set[tree.At] = set()
    for node in tree.walk(*nodes):
        kind = type(node)
        if kind is tree.Path:
            if "." in node.text and node.root in names:
                found.append(node)
        elif kind is tree.Assign or kind is tree.Delete:
            written.update(target.at for target in node.targets if isinstance(target, tree.Path))
        elif kind is tree.Lambda:
            hidden.update(node.params)
        elif kind is tree.Generator:
            hidden.update(each.text for each in tree.walk(node.target) if isinstance(each, tree.Path))
    return (path for path in found if path.root not in hidden and path.at not in written)


def _missing(project: Project, symbol: Symbol, read: tree.Path) -> MissingName | None:
    """The first attribute on the way that a module of the repository lacks."""
    module = symbol
    parts = read.text.split(".")
    for position, name in enumerate(parts[1:], start=1):
        answer = project[lookup, (module.path, name)]
        if isinstance(answer, Symbol) and _is_file(answer):
            module = answer
            continue
        if isinstance(answer, Symbol) or lacks(project, module.path, name) is None:
            return None
        if name.startswith("__") or name in project[set_from_outside, module.path]:
            return None
        return MissingName(name, module.path, ".".join(parts[:position]), False, read.at)
    return None
