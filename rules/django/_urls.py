"""URLconfs: the modules that hold `urlpatterns`, and what they include."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Absent, Answer, Symbol, Unknown
from cdlint.project.assignments import local_assignments
from cdlint.project.calls import called_names
from cdlint.project.classes import functions_of, resolve_in
from cdlint.project.modules import find_module
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._settings import aside

INCLUDES = frozenset({"django.urls.include", "django.urls.conf.include", "django.conf.urls.include"})
_IMPORTING = frozenset(
    {"import_module", "import_string", "autodiscover_modules", "__import__", "find_spec", "walk_packages"}
)
_URLCONF = re.compile(r"\b_?(urls|urlconf|urlpatterns)\b")
_CONDITIONS = (tree.If, tree.Try, tree.For, tree.While, tree.Match, tree.Conditional, tree.Boolean, tree.Comprehension)


class Include(NamedTuple):
    """One `include(...)`.

    `written` is the module named by a string, else `""`. `target` is the module that is
    included, None for patterns written in place; Unknown when it is computed. `app_name`
    says whether a pair gives one. `guarded`: it runs only under some condition.
    """

    at: Location
    written: str
    target: Answer | None
    namespace: bool
    app_name: bool
    guarded: bool
    modern: bool
    """Imported from `django.urls`, so from Django 2.0 or newer."""


def is_urlconf(project: Project, path: str) -> bool:
    """Whether a file binds `urlpatterns` and imports from Django or its REST framework."""
    module = project.module(path)
    if module is None or not any(b.name == "urlpatterns" and b.kind in ("assign", "augment") for b in module.bindings):
        return False
    return any(each.module.partition(".")[0] in ("django", "rest_framework") for each in module.imports)


def includes(project: Project, path: str) -> tuple[Include, ...]:
    """Every `include(...)` of a file, in the order of its lines."""
    module = project.module(path)
    if module is None or not _may_include(module):
        return ()
    names = _names(module)
    if names.isdisjoint(project[called_names, path]):
        return ()
    found = []
    for function in module.functions:
        if not names.isdisjoint(function.lasts):
            for call, guarded in _calls(function.body, bool(function.qualname)):
                made = _include(project, path, function.qualname, call, guarded)
                if made is not None:
                    found.append(made)
    return tuple(sorted(found, key=lambda each: each.at.at))


def _names(module: Module) -> set[str]:
    return {"include", *(each.alias for each in module.imports if each.name == "include")}


def _may_include(module: Module) -> bool:
    return any(each.module.startswith("django.") or each.name == "*" for each in module.imports)


def _calls(body: tuple[Node, ...], guarded: bool) -> Iterator[tuple[tree.Call, bool]]:
    """The calls in statements, and whether they run only under some condition."""
    stack = [(node, guarded) for node in reversed(body)]
    while stack:
        node, under = stack.pop()
        if node is None:
            continue
        if isinstance(node, tree.Call):
            yield node, under
        under = under or isinstance(node, _CONDITIONS)
        stack.extend((child, under) for child in reversed(list(tree.children(node))))


def _include(project: Project, path: str, scope: str, call: tree.Call, guarded: bool) -> Include | None:
    if not isinstance(call.func, tree.Path):
        return None
    callee = resolve_in(project, path, scope, call.func.text)
    if not isinstance(callee, Symbol) or callee.name not in INCLUDES:
        return None
    given = call.argument(0, "arg")
    pair = isinstance(given, tree.Sequence) and given.kind == "tuple" and len(given.items) > 1
    if isinstance(given, tree.Sequence) and given.kind == "tuple" and given.items:
        given = given.items[0]
    written = given.value if isinstance(given, tree.Constant) and isinstance(given.value, str) else ""
    target = project[find_module, (path, written)] if written else _target(project, (path, scope), given)
    namespace = call.argument(1, "namespace") is not None
    modern = callee.name.startswith("django.urls.")
    return Include(Location(path, call.at), written, target, namespace, pair or len(call.args) > 2, guarded, modern)


def _target(project: Project, scope: tuple[str, str], node: Node | None) -> Answer | None:
    """The module that an expression is; None for patterns, Unknown when it may be any module."""
    if isinstance(node, tree.Sequence):
        return None
    if isinstance(node, tree.Path):
        found = evaluate(project, scope, node)
        if isinstance(found, Symbol):
            return found if found.kind == "module" else None
        named = resolve_in(project, scope[0], scope[1], node.root)
        return None if isinstance(named, Symbol) else _local(project, scope, node)
    if isinstance(node, (tree.Call, tree.Attribute)):
        return Unknown("a module of a computed name") if _computes_name(node) else None
    return Unknown("a computed name")


def _local(project: Project, scope: tuple[str, str], node: tree.Path) -> Answer | None:
    """None when a local name holds patterns: a parameter, or the result of a call that imports nothing."""
    function = project[functions_of, scope[0]].get(scope[1])
    assigned = project[local_assignments, scope].get(node.root, ())
    if function is not None and not assigned and any(param.name == node.root for param in function.params):
        return None
    if assigned and all(value is not None and not _computes_name(value) for value, _ in assigned):
        return None
    return Unknown(f"`{node.text}`")


def _computes_name(node: Node) -> bool:
    """Whether an expression may give the name of a module, or a module, that nothing writes out."""
    for each in tree.walk(node):
        if isinstance(each, (tree.FString, tree.Binary)):
            return True
        if isinstance(each, tree.Call) and getattr(each.func, "last", "") in {*_IMPORTING, "format", "join"}:
            return True
    return False


def included_modules(project: Project) -> frozenset[str]:
    """The files that some `include(...)` names."""
    return frozenset(
        each.target.path
        for path in project.paths
        for each in project[includes, path]
        if isinstance(each.target, Symbol) and each.target.kind == "module"
    )


def dynamic_includes(project: Project) -> str:
    """Where the repository includes URLconfs by computed names, `""` when it does not."""
    for path in project.paths:
        if any(isinstance(each.target, Unknown) for each in project[includes, path]):
            return path
        if not aside(path) and "migrations" not in path.split("/") and project[imports_urlconfs, path]:
            return path
    return ""


def imports_urlconfs(project: Project, path: str) -> bool:
    """Whether a function of the file imports modules by computed names and speaks of `urls`."""
    module = project.module(path)
    for function in module.functions if module else ():
        if not _IMPORTING.isdisjoint(function.lasts):
            for node in function.nodes:
                if isinstance(node, tree.Constant) and isinstance(node.value, str) and _URLCONF.search(node.value):
                    return True
    return False


def names_absent(each: Include) -> bool:
    """Whether an include names a module that certainly does not exist."""
    return bool(each.written) and isinstance(each.target, Absent) and not each.guarded
