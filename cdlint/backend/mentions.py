"""Whether code that was not followed may use a variable: then nobody can say that nothing does."""

from __future__ import annotations

from ..facts import tree
from ..facts.model import Function, Module
from ..project import Project
from ..project.answers import Symbol, Unknown
from ..project.classes import resolve_in
from ..project.modules import find_module
from ..project.names import lookup
from ..project.object_frames import SEVERAL
from ..project.objects import Trace, Value

_LOADERS = frozenset(
    {"importlib", "pkgutil", "pydoc", "pkg_resources", "stevedore", "pluggy", "builtins", "sys", "runpy"}
)


def followed(traces: tuple[Trace, ...]) -> frozenset[Symbol]:
    """The functions, modules included, whose running was followed."""
    roots = {Symbol("function", each.path, each.function) for each in traces}
    return frozenset(roots.union(*(each.entered for each in traces)))


def mentioned(project: Project, variable: Symbol, known: frozenset[Symbol]) -> bool:
    """Whether code outside the followed functions passes a module's variable on or keeps it.

    Reading an attribute of it or calling a method does not count.
    """
    for path in project.paths:
        module = project.module(path)
        if module is None or not _near(project, path, module, variable):
            continue
        for function in module.functions:
            if Symbol("function", path, function.qualname) in known:
                continue
            if any(_is(project, path, function, node.text, variable) for node in _paths(function)):
                return True
    return False


def _near(project: Project, path: str, module: Module, variable: Symbol) -> bool:
    """Whether a module is the variable's own or imports it or its module."""
    if path == variable.path:
        return True
    for each in module.imports:
        found = project[find_module, (path, each.module)]
        if not isinstance(found, Symbol) or found.kind != "module":
            continue
        if each.name is None and found.path == variable.path:
            return True
        if each.name == "*":
            return True
        if each.name is not None and not found.path.endswith("/"):
            answer = project[lookup, (found.path, each.name)]
            if isinstance(answer, Symbol) and answer.path == variable.path and answer.name in ("", variable.name):
                return True
        elif each.name is not None:
            return True
    return False


def _paths(function: Function) -> list[tree.Path]:
    nodes = (*function.body, *(param.default for param in function.params if param.default_code is not None))
    return [node for node in tree.walk(*nodes) if isinstance(node, tree.Path) and node.text]


def _is(project: Project, path: str, function: Function, text: str, variable: Symbol) -> bool:
    answer = resolve_in(project, path, function.qualname, text)
    return answer == variable


def variable_of(project: Project, path: str, line: int) -> str:
    """The name of the module or class variable that the statement on a line assigns; `""` when it is none."""
    module = project.module(path)
    if module is None:
        return ""
    for binding in module.bindings:
        if binding.kind == "assign" and binding.value is not None and _spans(binding.value.at, line):
            return binding.name
    for cls in module.classes:
        for binding in cls.fields:
            if binding.kind == "assign" and binding.value is not None and _spans(binding.value.at, line):
                return f"{cls.qualname}.{binding.name}"
    return ""


def _spans(at: tree.At, line: int) -> bool:
    return at[0] <= line <= at[2]


def unseen(value: Value | None) -> str | None:
    """The attribute that something unknown is read from (`""` for none); None when it is known, or from a library.

    What is imported under a name that is computed may be anything of the repository.
    """
    if isinstance(value, Unknown):
        if value.why.startswith("parameter ") or value.why == SEVERAL:
            return None  # Whatever may arrive there was seen to go out of sight.
        return value.why.split("`")[1] if value.why.startswith("attribute `") else ""
    if not isinstance(value, Symbol) or value.kind != "external":
        return None
    loads = value.name.partition(".")[0] in _LOADERS or "import_string" in value.name or ".load()" in value.name
    if not loads:
        return None
    return "" if value.name.endswith(")") else value.name.rpartition(".")[2]
