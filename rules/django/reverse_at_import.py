"""A URL is reversed while the modules are imported that make up the URLs.

## Why
`success_url = reverse("home")` in a class body runs when the module is imported, and a module of
views is imported by the URLconf: the patterns are not there yet, so that Django raises
`ImproperlyConfigured: The included URLconf does not appear to have any patterns in it`.

## Instead
Use `reverse_lazy()`, or reverse the URL in a method.

## Known limits
Only assignments on the top level and in class bodies are looked at, in modules that a module with
`urlpatterns` imports, directly or through others.
"""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts.model import Binding, Module
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.imports import importers
from cdlint.project.places import is_aside
from cdlint.rule import Evidence, Finding, Location, rule

_REVERSING = frozenset(
    {"django.urls.reverse", "django.urls.base.reverse", "django.core.urlresolvers.reverse", "django.shortcuts.reverse",
     "rest_framework.reverse.reverse"}
)  # fmt: skip


def reversing(project: Project) -> tuple[tuple[str, str, At], ...]:
    """The assignments on import that reverse a URL: file, name and place."""
    return tuple(
        (path, name, at) for path in project.paths if not is_aside(path) for name, at in project[_reversed_in, path]
    )


def _reversed_in(project: Project, path: str) -> tuple[tuple[str, At], ...]:
    module = project.module(path)
    found = [each for each in _bindings(module) if each.callee.rpartition(".")[2] == "reverse"] if module else []
    return tuple((each.name, each.value.at) for each in found if each.value and _is_reverse(project, path, each.callee))


def _bindings(module: Module) -> Iterator[Binding]:
    yield from module.bindings
    for cls in module.classes:
        if not any(cls.qualname.startswith(f"{function.qualname}.") for function in module.functions[1:]):
            yield from cls.fields


def _is_reverse(project: Project, path: str, callee: str) -> bool:
    answer = resolve_in(project, path, "", callee)
    return isinstance(answer, Symbol) and answer.kind == "external" and answer.name in _REVERSING


def _routing(project: Project, path: str) -> str:
    """The URLconf that brings a file in when it is imported, `""` when none is known to."""
    known, waiting, seen = project[importers], [path], {path}
    while waiting:
        for importer, kind in known.get(waiting.pop(0), ()):
            module = project.module(importer)
            if kind != "runtime" or importer in seen or module is None or is_aside(importer):
                continue
            if any(each.name == "urlpatterns" for each in module.bindings):
                return importer
            seen.add(importer)
            waiting.append(importer)
    return ""


@rule(of=reversing, severity="error", constraint="wiring")
def reverse_at_import(project: Project, each: tuple[str, str, At]) -> Iterator[Finding]:
    """One finding an assignment."""
    path, name, at = each
    routing = project[_routing, path]
    if routing:
        yield Finding(
            Location(path, at),
            f"`{name}` is reversed when the module is imported, before there are any URL patterns.",
            related=(Evidence(Location(routing, (1, 0, 1, 0)), "this URLconf imports it"),),
            symbol=name,
            cure="Use `reverse_lazy()`.",
        )
