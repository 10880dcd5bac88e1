"""Where a project asks for a URL by the name of its pattern, in Python code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.constants import fold
from cdlint.rule import Location

from ._settings import aside

_LASTS = ("reverse", "reverse_lazy", "redirect", "resolve_url")
_REVERSE = frozenset(
    f"{module}.{name}"
    for module in ("django.urls", "django.urls.base", "django.core.urlresolvers")
    for name in ("reverse", "reverse_lazy")
)
_REST = frozenset({"rest_framework.reverse.reverse", "rest_framework.reverse.reverse_lazy"})
_REDIRECT = frozenset({"django.shortcuts.redirect", "django.shortcuts.resolve_url"})
_LEAVES = (tree.Path, tree.Constant)
_SWITCH = re.compile(r"install|enable|settings|available|_apps|plugin", re.IGNORECASE)
_NEVER_PASSED = frozenset({"permanent", "preserve_request"})


class Use(NamedTuple):
    """A name of a pattern that is asked for.

    `positional` is how many positional arguments it is given and `keywords` which named ones; None
    when that is not known. `loose`: a versioning scheme may add namespaces and arguments.
    `guarded`: it runs only where a setting or another app says so.
    """

    name: str
    positional: int | None
    keywords: tuple[str, ...] | None
    what: str
    at: Location
    loose: bool = False
    guarded: bool = False


def python_uses(project: Project, path: str) -> tuple[Use, ...]:
    """The names that a file asks for; those inside a `try` may fail on purpose and are left out."""
    module = project.module(path)
    if module is None or aside(path):
        return ()
    names = _names(module)
    if not names:
        return ()
    found = []
    for function in module.functions:
        if not names.isdisjoint(function.calls):
            for call, guarded in _calls(function.body):
                if isinstance(call.func, tree.Path) and call.func.text in names:
                    use = _use(project, path, function.qualname, call)
                    if use is not None and not _is_sign(function, call.args[:1], use.name):
                        found.append(use._replace(guarded=guarded))
    for owner in module.classes:
        for field in owner.fields:
            node = field.value if field.callee in names else None
            use = _use(project, path, owner.qualname, node) if isinstance(node, tree.Call) else None
            if use is not None:
                found.append(use)
    return tuple(found)


def _names(module: Module) -> frozenset[str]:
    """The names by which a file calls what asks for a URL."""
    found: set[str] = set()
    for each in module.imports:
        if each.name in _LASTS:
            found.add(each.alias)
        if (each.name or each.module).endswith(("urls", "shortcuts", "reverse")):
            start = each.alias if each.name or each.renamed else each.module
            found.update(f"{start}.{last}" for last in _LASTS)
    return frozenset(found)


def _calls(body: tuple[Node, ...]) -> Iterator[tuple[tree.Call, bool]]:
    """The calls outside `try`, and whether a switch stands before them."""
    stack: list[tuple[Node, bool]] = [(node, False) for node in reversed(body)]
    while stack:
        node, guarded = stack.pop()
        if node is None or (isinstance(node, tree.Try) and node.handlers):
            continue
        if isinstance(node, tree.Call):
            yield node, guarded
        if isinstance(node, (tree.If, tree.Conditional)):
            guarded = guarded or any(_is_switch(each) for each in tree.walk(node.test))
        stack += [(child, guarded) for child in reversed(tree.children(node)) if type(child) not in _LEAVES]


def _is_sign(function: Function, given: tuple[Node, ...], name: str) -> bool:
    """Whether a function asks if what it was given is this text, which then is no name of a pattern."""
    asked = [each.text for each in given if isinstance(each, tree.Path)]
    return bool(asked) and any(
        any(isinstance(term, tree.Path) and term.text in asked for term in node.terms)
        and any(isinstance(term, tree.Constant) and term.value == name for term in node.terms)
        for node in function.every(tree.Compare)
    )


def _is_switch(node: Node) -> bool:
    return isinstance(node, (tree.Path, tree.Attribute, tree.Constant)) and bool(_SWITCH.search(str(node[0])))


def _use(project: Project, path: str, scope: str, call: tree.Call) -> Use | None:
    callee = resolve_in(project, path, scope, call.func.text) if isinstance(call.func, tree.Path) else None
    if not isinstance(callee, Symbol) or callee.kind != "external":
        return None
    first = "viewname" if callee.name in _REVERSE | _REST else "to"
    given = call.argument(0, first)
    if given is None or callee.name not in _REVERSE | _REST | _REDIRECT:
        return None
    name = fold(project, (path, scope), given, infer=False)
    if not isinstance(name, str) or not name or any(mark in name for mark in "/.{ %#?"):
        return None
    at = Location(path, given.at)
    what = f'{callee.last}("{name}")'
    if callee.name in _REDIRECT:
        return Use(name, *_passed(call), what, at)
    rest = callee.name in _REST
    if not rest and not _is_none(call.argument(1, "urlconf")):
        return None
    count = _count(call.argument(1 if rest else 2, "args"))
    keywords = _keywords(call.argument(2 if rest else 3, "kwargs"))
    spread = any(isinstance(each, tree.Starred) for each in call.args) or any(k.name is None for k in call.keywords)
    if spread or (rest and any(each.name in ("request", "format") for each in call.keywords)):
        count = keywords = None
    return Use(name, count, keywords, what, at, rest)


def _passed(call: tree.Call) -> tuple[int | None, tuple[str, ...] | None]:
    """What `redirect(name, *args, **kwargs)` passes on."""
    if any(isinstance(each, tree.Starred) for each in call.args) or any(each.name is None for each in call.keywords):
        return None, None
    names = tuple(each.name for each in call.keywords if each.name is not None and each.name not in _NEVER_PASSED)
    return max(len(call.args) - 1, 0), names


def _is_none(node: Node | None) -> bool:
    return node is None or (isinstance(node, tree.Constant) and node.value is None)


def _count(node: Node | None) -> int | None:
    """How many positional arguments a list or tuple holds."""
    if _is_none(node):
        return 0
    plain = isinstance(node, tree.Sequence) and not any(isinstance(each, tree.Starred) for each in node.items)
    return len(node.items) if isinstance(node, tree.Sequence) and plain else None


def _keywords(node: Node | None) -> tuple[str, ...] | None:
    """The keys of a dict that is written out."""
    if _is_none(node):
        return ()
    if isinstance(node, tree.Call) and getattr(node.func, "text", "") == "dict" and not node.args:
        named = [each.name for each in node.keywords if each.name is not None]
        return tuple(named) if len(named) == len(node.keywords) else None
    if isinstance(node, tree.Mapping):
        keys = [key.value for key, _ in node.items if isinstance(key, tree.Constant) and isinstance(key.value, str)]
        return tuple(keys) if len(keys) == len(node.items) else None
    return None
