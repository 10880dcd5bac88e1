"""Attributes read from the repository's own modules (`crud.get_user`) that those modules do not have."""

from __future__ import annotations

from collections.abc import Iterator

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
    """The attributes that a file reads from first-party modules that do not bind them, each once per function."""
    module = project.module(path)
    if module is None:
        return ()
    known = _modules(project, path, module)
    if not known:
        return ()
    found = [
        missing
        for scope, node in _reads(module, known)
        if (missing := _missing(project, known[node.root], node)) is not None
        and not is_expected(module, node.at, _ERRORS)
        and not project[is_sample, path]
    ]
    return tuple(dict.fromkeys(found))


def _modules(project: Project, path: str, module: Module) -> dict[str, Symbol]:
    """The names of the file's top level that stand for first-party modules, and for nothing else."""
    bound: dict[str, int] = {}
    for binding in module.bindings:
        bound[binding.name] = bound.get(binding.name, 0) + (1 if binding.kind == "import" else 2)
    found = {}
    for each in module.imports:
        if each.scope or each.kind == "type-only" or bound.get(each.alias) != 1:
            continue
        symbol = project[lookup, (path, each.alias)]
        if isinstance(symbol, Symbol) and symbol.kind == "module" and symbol.path.endswith(".py"):
            found[each.alias] = symbol
    return found
