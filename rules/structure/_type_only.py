"""Names that a file imports for type checkers alone, and where code that runs needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class, Function, Import, Module
from cdlint.facts.tree import Code, Node
from cdlint.project import Project
from cdlint.project.classes import classes_of, functions_of
from cdlint.project.places import is_aside
from cdlint.project.versions import version

from ._unresolved import is_set_from_outside

_PROBES = frozenset({"MYPY", "MYPY_CHECK_RUNNING", "TYPE_CHECKING", "platform", "version_info"})
_FORGIVING = frozenset({"BaseException", "Exception", "NameError"})
_MINOR = re.compile(r"(?:>=|==|~=|>)3\.(\d+)")
_DEFERRING = 14
"""From this minor version on, annotations run only when somebody asks for them."""


class Need(NamedTuple):
    """A use of such a name that runs; `annotation` says that it is in one."""

    name: str
    node: tree.Path
    imported: Import
    annotation: bool


def files(project: Project) -> tuple[str, ...]:
    """The files outside of tests that import something for type checkers alone."""
    return tuple(path for path in project.paths if project[_has_type_only, path])


def _has_type_only(project: Project, path: str) -> bool:
    module = None if is_aside(path) else project.module(path)
    return module is not None and any(each.kind == "type-only" for each in module.imports)


def needs(project: Project, path: str) -> tuple[Need, ...]:
    """The first use of each name that runs and whose failure nobody expects."""
    module = project.module(path)
    names = _names(module) if module is not None else {}
    if module is None or not names:
        return ()
    eager = _runs_annotations(project, module)
    found: dict[str, Need] = {}
    for node, annotation in _uses(project, path, module, names, eager):
        found.setdefault(node.root, Need(node.root, node, names[node.root], annotation))
    kept = [need for need in found.values() if not project[is_set_from_outside, (path, need.name)]]
    return tuple(sorted(kept, key=lambda need: need.node.at))


def _names(module: Module) -> dict[str, Import]:
    """The names that the file imports for type checkers and that nothing else in it can bind."""
    if module.dynamic or module.opaque or any(each.alias == "*" for each in module.imports):
        return {}
    guarded: dict[str, Import] = {}
    bound = {name for function in module.functions for name in function.outer}
    for each in module.bindings:
        if each.kind == "import" and each.guard == "type-only":
            guarded[each.name] = module.imports[each.ref]
        else:
            bound.add(each.name)
    return {name: each for name, each in guarded.items() if name not in bound}


def _runs_annotations(project: Project, module: Module) -> bool:
    """Whether the annotations of definitions certainly run in some version that the project is for."""
    if any(each.module == "__future__" and each.name == "annotations" for each in module.imports):
        return False
    stated = project[version, "python"]
    for each in (stated.version, *stated.others):
        match = _MINOR.search(f"=={each.exact}" if each.exact else each.specifier)
        if each.why or match is None or int(match[1]) >= _DEFERRING:
            return False
    return True


def _uses(
    project: Project, path: str, module: Module, names: Mapping[str, Import], eager: bool
) -> Iterator[tuple[tree.Path, bool]]:
    maybe = {each.name for each in module.bindings if each.guard and each.kind in ("class", "function")}
    whole = b"".join([function.body_code for function in module.functions])
    encoded = [(name, _encoded(name)) for name in names]
    encoded = [(name, texts) for name, texts in encoded if any(text in whole for text in texts)]
    for function in module.functions:
        if function.qualname.partition(".")[0] in maybe:
            continue
        mentioned = [name for name, texts in encoded if any(text in function.body_code for text in texts)]
        # A getter and a setter have one name.
        hidden = _bound_around(project, path, function.qualname).union(function.binds) if mentioned else frozenset()
        if not hidden.issuperset(mentioned):
            for node, annotation in _running(module, function, eager):
                if node.root in names and node.root not in hidden:
                    yield node, annotation
        if function.qualname and not function.conditional and _says(_head(function, eager), names):
            outside = _bound_around(project, path, function.qualname.rpartition(".")[0])
            for node, annotation in _of_function(function, eager):
                if node.root in names and node.root not in outside:
                    yield node, annotation
    for cls in module.classes:
        codes = [cls.base_codes, cls.keyword_codes, cls.decorator_codes]
        if cls.qualname.partition(".")[0] in maybe or not _says(codes, names):
            continue
        outside = _bound_around(project, path, cls.parent)
        for node in _of_class(cls):
            if node.root in names and node.root not in outside and not cls.conditional:
                yield node, False


def _encoded(name: str) -> tuple[bytes, ...]:
    """What an encoded body holds, at least one of these, if it holds the name itself or something read from it."""
    text = name.encode()
    # The length of a text stands right before it.
    return len(text).to_bytes(4, "little") + text, text + b"."


def _head(function: Function, eager: bool) -> list[Code]:
    """What a `def` itself reads, encoded."""
    codes = [*function.decorator_codes, *[each.default_code for each in function.params if each.default_code]]
    if eager:
        codes.extend((function.returns_code, *[each.annotation_code for each in function.params]))
    return codes


def _says(codes: list[Code], names: Mapping[str, Import]) -> bool:
    """Whether encoded expressions may hold one of these names."""
    stack = list(codes)
    while stack:
        for part in stack.pop() or ():
            if type(part) is tuple:
                stack.append(part)
            elif type(part) is str and part.partition(".")[0] in names:
                return True
    return False


def _bound_around(project: Project, path: str, scope: str) -> frozenset[str]:
    """What the functions and classes around a place bind."""
    found: set[str] = set()
    while scope:
        function, cls = project[functions_of, path].get(scope), project[classes_of, path].get(scope)
        found.update(function.binds if function else ())
        found.update([each.name for each in cls.fields] if cls else ())
        scope = scope.rpartition(".")[0]
    return frozenset(found)


def _of_function(function: Function, eager: bool) -> Iterator[tuple[tree.Path, bool]]:
    """The names that a `def` itself reads."""
    for node in (*function.decorators, *(param.default for param in function.params)):
        for each in _read(node):
            yield each, False
    for node in (*(param.annotation for param in function.params), function.returns) if eager else ():
        for each in _read(node):
            yield each, True


def _of_class(cls: Class) -> Iterator[tree.Path]:
    """The names that a `class` statement itself reads."""
    for node in (*cls.decorators, *cls.bases, *(value for _, value in cls.keywords)):
        yield from _read(node)


def _read(*nodes: Node | None) -> Iterator[tree.Path]:
    """The names in an expression, those that it binds itself left out."""
    for node, hidden in _walk(nodes):
        if isinstance(node, tree.Path) and node.root not in hidden:
            yield node


def _running(module: Module, function: Function, eager: bool) -> Iterator[tuple[tree.Path, bool]]:
    """The names that a function's body reads as it runs, or the module's as it is imported."""
    top = not function.qualname
    for node, hidden in _walk(function.body, module, top):
        if isinstance(node, tree.Path) and node.root not in hidden:
            yield node, False
        elif top and eager and isinstance(node, tree.Assign) and node.annotation is not None:
            for each in _read(node.annotation):
                if each.root not in hidden:
                    yield each, True


def _walk(
    nodes: tuple[Node | None, ...], module: Module | None = None, top: bool = False
) -> Iterator[tuple[Node, frozenset[str]]]:
    """The nodes that run, annotations left out, each with the names that are something else there."""
    stack: list[tuple[Node, frozenset[str]]] = [(node, frozenset()) for node in reversed(nodes) if node is not None]
    while stack:
        node, hidden = stack.pop()
        if isinstance(node, tree.Lambda):
            hidden |= {*node.params}
        elif isinstance(node, tree.ClassDef) and module is not None:
            hidden |= {each.name for each in module.classes[node.ref].fields}
        elif isinstance(node, tree.Comprehension):
            hidden |= {
                each.root for part in node.generators for each in tree.walk(part.target) if isinstance(each, tree.Path)
            }
        yield node, hidden
        stack.extend((child, hidden) for child in reversed(_inside(node, top)))


def _inside(node: Node, top: bool) -> tuple[Node, ...]:
    """The parts of a node that certainly are meant to run."""
    if isinstance(node, tree.Assign) and node.at[:2] < node.targets[0].at[:2]:
        return ()  # `type X = ...` looks at its value when somebody asks for it.
    if isinstance(node, tree.Assign):
        return (*node.targets, *((node.value,) if node.value is not None else ()))
    if isinstance(node, tree.If) and (top or _probes(node.test)):
        return ()
    if isinstance(node, (tree.Conditional, tree.While)) and _probes(node.test):
        return ()
    if isinstance(node, tree.Boolean) and any(_probes(each) for each in node.values):
        return ()
    if isinstance(node, tree.Try) and _forgives(node):
        return (*node.orelse, *node.final)
    if isinstance(node, tree.With) and any(
        getattr(getattr(each, "func", None), "last", "") == "suppress" for each, _ in node.items
    ):
        return ()
    return tuple(tree.children(node))


def _probes(test: Node) -> bool:
    return any(isinstance(each, tree.Path) and each.last in _PROBES for each in tree.walk(test))


def _forgives(node: tree.Try) -> bool:
    """Whether a handler takes NameError."""
    return any(
        handler.type is None
        or any(isinstance(each, tree.Path) and each.last in _FORGIVING for each in tree.walk(handler.type))
        for handler in node.handlers
    )
