"""A URL is reversed while the modules are imported that make up the URLs.

## Why
`success_url = reverse("home")` in a class body runs when the module is imported, and a module of
views is imported by the URLconf: the patterns are not there yet, so that Django raises
`ImproperlyConfigured: The included URLconf does not appear to have any patterns in it`.

## Instead
Use `reverse_lazy()`, or reverse the URL in a method.

## Known limits
Only modules are looked at that the root URLconf, or one that is included, imports before it has its
patterns, directly or through others. What stands in a `try`, or is given a `urlconf`, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.facts.tree import At, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import running, words
from cdlint.project.classes import resolve_in
from cdlint.project.imports import edges, importers
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

from ._settings import root_modules
from ._settings import running as settings_in_use
from ._urls import included_modules

_REVERSING = frozenset(
    {"django.urls.reverse", "django.urls.base.reverse", "django.core.urlresolvers.reverse", "django.shortcuts.reverse",
     "rest_framework.reverse.reverse"}
)  # fmt: skip

_MODULES = frozenset(name.rpartition(".")[0] for name in _REVERSING)


def reversing(project: Project) -> tuple[tuple[str, str, At], ...]:
    """The calls that reverse a URL when their file is imported: file, what is called, and place."""
    return tuple(
        (path, text, at) for path in project.paths if not is_aside(path) for text, at in project[_reversed_in, path]
    )


def _reversed_in(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    module = project.module(path)
    if module is None:
        return ()
    names = {each.alias for each in module.imports if each.name == "reverse"}
    if any(each.module in _MODULES or f"{each.module}.{each.name}" in _MODULES for each in module.imports):
        names.add("reverse")
    return tuple(
        (f"{call.func.text}({_first(call)})", call.at)
        for call, _ in running(tuple(_at_import(module, names)))
        if isinstance(call.func, tree.Path)
        and call.func.last in names
        and call.argument(1, "urlconf") is None
        and _is_reverse(project, path, call.func.text)
    )


def _at_import(module: Module, names: set[str]) -> Iterator[Node]:
    """The statements, defaults and decorators that run on import and may call something of these names."""
    if any(module.main.mentions(name) for name in names):
        yield from _surely(module.main.body)
    for function in module.functions:
        codes = (*function.decorator_codes, *(each.default_code for each in function.params))
        if not function.parent and any(code is not None and words(code) & names for code in codes):
            yield from (*function.decorators, *(each.default for each in function.params if each.default is not None))


def _surely(body: tuple[Node, ...]) -> Iterator[Node]:
    """Statements without those that are under a test or expected to fail."""
    for node in body:
        if isinstance(node, (tree.ClassDef, tree.With)):
            yield from _surely(node.body)
        elif not isinstance(node, (tree.If, tree.Try)):
            yield node


def _first(call: tree.Call) -> str:
    return f'"{name.value}"' if isinstance(name := call.argument(0, "viewname"), tree.Constant) else ""


def _is_reverse(project: Project, path: str, callee: str) -> bool:
    answer = resolve_in(project, path, "", callee)
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name in _REVERSING


def _in_use(project: Project) -> frozenset[str] | None:
    """The URLconfs that serve: the roots and what is included; None where the roots are not known."""
    roots = [root_modules(project, each.path) for each in project[settings_in_use].modules]
    if not roots or None in roots:
        return None
    return project[included_modules] | {module.path for each in roots for module, _ in each or ()}


def _routing(project: Project, path: str) -> str:
    """The URLconf that brings a file in while it is imported itself, `""` when none is known to."""
    known, waiting, seen, serving = project[importers], [path], {path}, project[_in_use]
    while waiting:
        imported = waiting.pop(0)
        for importer, kind in known.get(imported, ()):
            if kind != "runtime" or importer in seen or is_aside(importer):
                continue
            if (serving is None or importer in serving) and _is_before_patterns(project, importer, imported):
                return importer
            seen.add(importer)
            waiting.append(importer)
    return ""


def _is_before_patterns(project: Project, path: str, imported: str) -> bool:
    module = project.module(path)
    bound = [each.at for each in module.bindings if each.name == "urlpatterns"] if module is not None else []
    lines = [each.at for each in project[edges, path] if each.imported == imported and each.kind == "runtime"]
    return bool(bound) and min(lines) < min(bound)


@rule(of=reversing, severity="error", constraint="wiring")
def reverse_at_import(project: Project, each: tuple[str, str, At]) -> Iterator[Finding]:
    """One finding a call."""
    path, text, at = each
    routing = project[_routing, path]
    if routing:
        yield Finding(
            Location(path, at),
            f"`{text}` runs when the module is imported, before there are any URL patterns.",
            related=(Evidence(Location(routing, (1, 0, 1, 0)), "this URLconf imports it"),),
            symbol=text,
            cure="Use `reverse_lazy()`.",
        )
