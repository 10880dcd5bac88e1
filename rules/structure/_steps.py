"""What loading one file does that matters to the files that import it, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Import, Module
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.imports import edges
from cdlint.project.loading import packages_of
from cdlint.project.modules import find_module
from cdlint.project.names import namespace

from ._cycles import AT_LOAD


class Step(NamedTuple):
    """One thing that happens while a file is loaded.

    An import `loads` files and then takes `name` (`""` for none, `*` for all) from `source`, under
    the local name `binds`. A read takes the attributes `name` (`a.b`) of the module `source`. Any other
    step only binds a name.
    """

    kind: str
    at: At
    binds: str
    loads: tuple[str, ...] = ()
    source: str = ""
    name: str = ""
    certain: bool = True
    """Nothing decides whether it happens, and nothing takes its failure."""


def is_open(project: Project, path: str) -> bool:
    """Whether a module may have attributes that no statement shows."""
    space = project[namespace, path]
    return space is None or bool(space.dynamic)


def steps(project: Project, path: str) -> tuple[Step, ...]:
    """What happens while a file is loaded, in order."""
    module = project.module(path)
    if module is None:
        return ()
    inner = {(edge.at, edge.imported) for edge in project[edges, path] if not edge.name}
    places = dict(sorted(inner))
    found = [
        _import(project, path, each, places.get(each.at, ""))
        for each in module.imports
        if each.kind in AT_LOAD and not each.scope
    ]
    found += [
        Step("bind", binding.at, binding.name)
        for binding in module.bindings
        if binding.kind not in ("import", "delete", "annotation") and binding.guard != "type-only"
    ]
    found += _reads(module, {step.binds: step for step in found if step.kind == "import" and step.source})
    return tuple(sorted(found, key=lambda step: step.at[:2]))


def _import(project: Project, path: str, each: Import, submodule: str) -> Step:
    target = project[find_module, (path, each.module)]
    certain = each.kind == "runtime"
    if not isinstance(target, Symbol) or target.kind != "module":
        # A star import of something outside may bind anything.
        return Step("import", each.at, each.alias, name=each.name or "", certain=certain)
    if each.name is None:
        loaded = _files(project, target.path)
        source = target.path if each.renamed else _first(project, target.path, each.module)
        return Step("import", each.at, each.alias, loaded, source, "", certain)
    if submodule and each.name != "*":
        return Step("import", each.at, each.alias, _files(project, submodule), submodule, "", certain)
    return Step("import", each.at, each.alias, _files(project, target.path), target.path, each.name, certain)


def _files(project: Project, path: str) -> tuple[str, ...]:
    return (*project[packages_of, path], path) if path.endswith(".py") else ()


def _first(project: Project, path: str, dotted: str) -> str:
    """The file of `a` when `import a.b.c` stands for the file at `path`, `""` for a namespace folder."""
    depth = dotted.count(".")
    chain = (*project[packages_of, path], path)
    return chain[-1 - depth] if depth < len(chain) else ""


def _reads(module: Module, imported: dict[str, Step]) -> list[Step]:
    """The attributes of imported modules that the file reads for certain while it is loaded."""
    others = {b.name for b in module.bindings if b.kind != "import"}
    known = {name: step for name, step in imported.items() if not step.name and step.certain and name not in others}
    if not known:
        return []
    lazy = any(each.module == "__future__" and each.name == "annotations" for each in module.imports)
    return [
        Step("read", path.at, "", source=known[path.root].source, name=path.text.partition(".")[2])
        for node in module.main.body
        for path in _evaluated(module, node, lazy)
        if path.root in known and "." in path.text
    ]


def _evaluated(module: Module, node: Node, lazy: bool) -> Iterator[tree.Path]:
    """The paths that a statement of the file or of a class body evaluates, whatever happens."""
    if isinstance(node, tree.ClassDef):
        found = module.classes[node.ref]
        yield from _paths(*found.decorators, *found.bases, *(value for _, value in found.keywords))
        for inner in node.body:
            yield from _evaluated(module, inner, lazy)
    elif isinstance(node, tree.Def):
        function = module.functions[node.ref]
        yield from _paths(*function.decorators, *(param.default for param in function.params))
        if not lazy:
            yield from _paths(*(param.annotation for param in function.params), function.returns)
    elif isinstance(node, tree.Assign):
        yield from _paths(node.value, None if lazy else node.annotation)
    elif isinstance(node, tree.Expression):
        yield from _paths(node.value)


def _paths(*nodes: Node) -> Iterator[tree.Path]:
    """The paths of expressions, without those that run later or only sometimes."""
    stack = [node for node in nodes if node is not None]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Path):
            yield node
        elif not isinstance(node, tree.Lambda | tree.Comprehension | tree.Conditional | tree.Boolean):
            stack.extend(tree.children(node))
