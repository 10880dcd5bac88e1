"""Attributes read from the repository's own modules (`crud.get_user`) that those modules do not have."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Import, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import texts
from cdlint.project.modules import find_module, submodule
from cdlint.project.names import lookup

from ._around import ANY_ERROR, is_expected
from ._program import is_unused
from ._suggest import public_names
from ._unresolved import MissingName, is_set_from_outside, lacks

_ERRORS = ANY_ERROR | {"AttributeError"}


def missing_attributes(project: Project, path: str) -> tuple[MissingName, ...]:
    """The attributes that a file reads from first-party modules that do not bind them."""
    module = project.module(path)
    if module is None:
        return ()
    known = _modules(project, path, module)
    local = _local_modules(project, path, module)
    if not known and not local:
        return ()
    found = []
    for owner, read in _reads(project, module, known, local):
        lacking = _lacking(project, owner, read.text)
        if lacking is None or is_expected(module, read.at, _ERRORS) or project[is_unused, path]:
            continue
        if not project[is_set_from_outside, lacking]:
            found.append(MissingName(lacking[1], lacking[0], False, read.at))
    return tuple(found)


def _modules(project: Project, path: str, module: Module) -> dict[str, Symbol]:
    """The names of the file's top level that stand for first-party modules, and for nothing else."""
    others = {binding.name for binding in module.bindings if binding.kind != "import"}
    others.update(field.name for each in module.classes for field in each.fields)
    found: dict[str, Symbol] = {}
    for each in module.imports:
        if each.scope or each.kind == "type-only" or each.alias in others or not _may_be_module(project, path, each):
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


def _local_modules(project: Project, path: str, module: Module) -> dict[str, dict[str, Symbol]]:
    """The same for the names that imports bind in functions, by the function's qualified name."""
    found: dict[str, dict[str, Symbol]] = {}
    for each in module.imports:
        if each.scope and each.kind != "type-only" and _may_be_module(project, path, each):
            dotted = each.module if each.name or each.renamed else each.module.partition(".")[0]
            target: Answer | None = project[find_module, (path, dotted)]
            if each.name and isinstance(target, Symbol):
                # What `__init__` binds under this name hides the module.
                bound = target.path.endswith(".py") and each.name in public_names(project, target.path)
                target = submodule(project, target, each.name) if not bound else None
            if isinstance(target, Symbol) and _is_file(target):
                found.setdefault(each.scope, {})[each.alias] = target
    return found


def _may_be_module(project: Project, path: str, each: Import) -> bool:
    """Whether an import names a module, so far as its spelling says: cheaper than to look the name up."""
    target = project[find_module, (path, each.module)]
    if not isinstance(target, Symbol) or target.kind != "module":
        return False
    return each.name is None or submodule(project, target, each.name) is not None


def _is_file(symbol: Symbol) -> bool:
    return symbol.kind == "module" and symbol.path.endswith(".py")


def _reads(
    project: Project, module: Module, known: dict[str, Symbol], local: dict[str, dict[str, Symbol]]
) -> Iterator[tuple[Symbol, tree.Path]]:
    """The paths that start from one of the names, with its module, wherever no inner scope binds that name.

    Bodies of functions that only read what is there are left out, since they need not be decoded.
    """
    lazy = any(each.module == "__future__" and each.name == "annotations" for each in module.imports)
    functions = {function.qualname: function for function in module.functions}
    for function in module.functions:
        outer = {name: known[name] for name in known.keys() - _bound_around(functions, function.parent)}
        if outer and function.qualname and _may_read(function, outer):
            yield from _paths(_header(function, lazy), outer, True)
        bound = {*function.binds} if function.qualname else set[str]()
        names = {name: outer[name] for name in outer.keys() - bound} | local.get(function.qualname, {})
        inner = {
            name: symbol
            for name, symbol in names.items()
            if any(_lacking(project, symbol, text) for text in function.paths_from(name))
        }
        if inner:
            yield from _paths(function.body, inner, not (function.qualname or lazy))
    for each in module.classes:
        header = (*each.bases, *(value for _, value in each.keywords), *each.decorators)
        around = _bound_around(functions, each.parent)
        yield from _paths(header, {name: symbol for name, symbol in known.items() if name not in around}, True)


def _bound_around(functions: dict[str, Function], qualname: str) -> set[str]:
    bound: set[str] = set()
    while qualname:
        function = functions.get(qualname)
        if function is not None:
            bound.update(function.binds)
        qualname = qualname.rpartition(".")[0]
    return bound


def _may_read(function: Function, names: dict[str, Symbol]) -> bool:
    """Whether what runs when the function is defined may hold a path from one of the names: nothing is decoded."""
    codes = [*function.decorator_codes, function.returns_code]
    for param in function.params:
        codes += (param.annotation_code, param.default_code)
    starts = tuple([f"{name}." for name in names])
    return any(text.startswith(starts) for text in texts(*codes))


def _header(function: Function, lazy: bool) -> tuple[Node, ...]:
    """What runs when the function is defined."""
    defaults = [param.default for param in function.params if param.default_code is not None]
    if lazy:
        return (*function.decorators, *defaults)
    annotations = [param.annotation for param in function.params if param.annotation_code is not None]
    return (*function.decorators, *defaults, *annotations, function.returns)


def _paths(nodes: tuple[Node, ...], names: dict[str, Symbol], annotated: bool) -> Iterator[tuple[Symbol, tree.Path]]:
    """The paths among nodes; Python evaluates annotations of assignments only if `annotated`."""
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
            hidden.update(_names(*node.targets))
            if kind is tree.Assign and not annotated:
                written.update(each.at for each in tree.walk(node.annotation) if isinstance(each, tree.Path))
        elif kind is tree.For:
            hidden.update(_names(node.target))
        elif kind is tree.With:
            hidden.update(_names(*(target for _, target in node.items)))
        elif kind is tree.Lambda:
            hidden.update(node.params)
        elif kind is tree.Generator:
            hidden.update(_names(node.target))
    return ((names[path.root], path) for path in found if path.root not in hidden and path.at not in written)


def _names(*targets: Node) -> Iterator[str]:
    return (each.text for each in tree.walk(*targets) if isinstance(each, tree.Path))


def _lacking(project: Project, symbol: Symbol, text: str) -> tuple[str, str] | None:
    """The first module on the way of a dotted path that lacks the attribute asked of it, and that attribute."""
    module = symbol
    for name in text.split(".")[1:]:
        answer = project[lookup, (module.path, name)]
        if isinstance(answer, Symbol) and _is_file(answer):
            module = answer
            continue
        if isinstance(answer, Symbol) or name.startswith("__") or lacks(project, module.path, name) is None:
            return None
        return module.path, name
    return None
