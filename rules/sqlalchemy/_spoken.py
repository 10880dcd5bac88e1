"""Whether some other code may give instances an attribute of a name, or ask them for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import class_facts
from cdlint.project.memo import CyclicFact
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate

from ._models import model
from ._registry import lineage

_Place: TypeAlias = tuple[str, str]
"""A function, and what stands there before the attribute; `""` for what is no plain name."""


def is_set_on(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether code may set an attribute of this name on instances of a class: by a dotted target, or `setattr`."""
    cls, name = key
    for path in project.paths:
        if not is_aside(path) and any(_may_be(project, path, each, cls) for each in project[_set_in, (path, name)]):
            return True
    return project[_sets_anything] and _is_named(project, name)


def _set_in(project: Project, key: tuple[str, str]) -> tuple[_Place, ...]:
    """Where a file sets an attribute of a name."""
    return _found(project, key, _set_owners)


def _found(
    project: Project, key: tuple[str, str], search: Callable[[Function, str], Iterator[str]]
) -> tuple[_Place, ...]:
    path, name = key
    functions = module.functions if (module := project.module(path)) is not None else ()
    places = ((each.qualname, owner) for each in functions if each.mentions(name) for owner in search(each, name))
    return tuple(dict.fromkeys(places))


def _set_owners(function: Function, name: str) -> Iterator[str]:
    """What stands before `.name` in the targets of a function."""
    for node in function.nodes:
        targets: tuple[Node, ...] = ()
        if isinstance(node, tree.Assign):
            targets = node.targets
        elif isinstance(node, (tree.AugAssign, tree.For, tree.Generator)):
            targets = (node.target,)
        elif isinstance(node, tree.With):
            targets = tuple(target for _, target in node.items if target is not None)
        elif isinstance(node, tree.Call) and getattr(node.func, "last", "") in ("setattr", "set_committed_value"):
            said = any(isinstance(each, tree.Constant) and each.value == name for each in node.args)
            if said:
                yield getattr(node.args[0], "text", "")
        for target in tree.walk(*targets):
            if isinstance(target, tree.Attribute) and target.last == name:
                yield ""
            elif isinstance(target, tree.Path) and target.text.endswith(f".{name}"):
                yield target.text.removesuffix(f".{name}")


def is_read_of(project: Project, key: tuple[Symbol, str]) -> bool:
    """Whether anything may ask instances of a class for an attribute of this name, or names it in any other way."""
    cls, name = key
    if _is_named(project, name) or _is_in_templates(project, name):
        return True
    return any(_may_be(project, path, each, cls) for path in project.paths for each in project[_read_in, (path, name)])


def _read_in(project: Project, key: tuple[str, str]) -> tuple[_Place, ...]:
    """Where a file reads an attribute of a name."""
    return _found(project, key, _readers)


def _readers(function: Function, name: str) -> Iterator[str]:
    """What stands before `.name` where a function reads it."""
    written = {target.at for node in function.every(tree.Assign) for target in node.targets}
    for node in function.nodes:
        if isinstance(node, tree.Attribute) and name in node.text.split("."):
            yield ""
        elif isinstance(node, tree.Path) and f".{name}." in f"{node.text}." and node.at not in written:
            yield node.text[: f"{node.text}.".index(f".{name}.")]


def _may_be(project: Project, path: str, place: _Place, cls: Symbol) -> bool:
    """Whether what a name stands for in a function may be an instance of a class, or of one that is related."""
    qualname, owner = place
    if not owner:
        return True
    try:
        answer = evaluate(project, (path, qualname), tree.Path(owner, (0, 0, 0, 0)))
    except CyclicFact:
        return True
    if not isinstance(answer, Symbol) or answer.kind in ("function", "variable"):
        return True
    if answer.kind not in ("instance", "class"):
        return False
    other = Symbol("class", answer.path, answer.name)
    mapped = project[model, other] is not None
    related = other in project[lineage, cls] or cls in project[lineage, other]
    return related or (not mapped and class_facts(project, other) is None)


def _is_named(project: Project, name: str) -> bool:
    """Whether a class that is not mapped has a field of this name, or the name stands in a string or before a `=`."""
    return any(project[_names_in, (path, name)] for path in project.paths)


def _names_in(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    module = project.module(path)
    if module is None or is_aside(path):
        return False
    if any(field.name == name for each in module.classes for field in each.fields):
        return True
    return any(function.mentions(name) and _says(function, name) for function in module.functions)


def _says(function: Function, name: str) -> bool:
    for node in function.nodes:
        if isinstance(node, tree.Constant) and node.value == name:
            return True
        if isinstance(node, tree.Call) and any(each.name == name for each in node.keywords):
            return True
    return False


def _sets_anything(project: Project) -> bool:
    """Whether some code sets attributes whose names are computed: `setattr(user, key, value)`."""
    return any(project[_sets_anything_in, path] for path in project.paths)


def _sets_anything_in(project: Project, path: str) -> bool:
    module = project.module(path) if not is_aside(path) else None
    return any(
        {"setattr", "sqlmodel_update", "__setattr__", "__dict__.update"} & {call, call.rpartition(".")[2]}
        or call.endswith("__dict__.update")
        for function in (module.functions if module is not None else ())
        for call in function.calls
    )


def _is_in_templates(project: Project, name: str) -> bool:
    """Whether a template of any language may read an attribute of this name."""
    paths = {path for pattern in _TEMPLATES for path in project.files(pattern)}
    return any(project[_is_in_template, (path, name)] for path in sorted(paths))


def _is_in_template(project: Project, key: tuple[str, str]) -> bool:
    path, name = key
    text = project.text(path) or ""
    return name in text and re.search(_READ.format(name), text) is not None


_TEMPLATES = ("**/*.html", "**/*.jinja", "**/*.j2", "**/*.jinja2", "**/*.mako", "**/templates/**/*")
_READ = r"""(?:\.|\[\s*['"]|\battr\(\s*['"]|\battribute\s*=\s*['"](?:\w+\.)*){}\b"""
"""`post.name`, `post["name"]`, `post|attr("name")`, `posts|map(attribute="name")`."""
