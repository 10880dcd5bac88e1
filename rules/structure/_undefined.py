"""Names that a file loads and that nothing defines: no scope of the file, no builtin, no star import."""

from __future__ import annotations

import re

from cdlint.facts import tree
from cdlint.facts.builtin import BUILTINS
from cdlint.facts.model import Module, Unbound
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Absent, Symbol
from cdlint.project.modules import find_module
from cdlint.project.names import lookup, namespace
from cdlint.project.places import is_test
from cdlint.project.versions import satisfied

from ._around import ANY_ERROR, is_expected
from ._program import is_unused
from ._unresolved import shares_scope

INJECTED = frozenset(
    [
        "dbutils", "display", "displayHTML", "get_ipython", "sc", "spark", "sqlContext",  # notebooks
        "c", "tags",  # configuration that its reader executes
    ]
)  # fmt: skip
PYTHON_2 = frozenset(
    ["basestring", "cmp", "file", "long", "raw_input", "reduce", "reload", "unichr", "unicode", "xrange"]
)
_OLD = (("django", "<2"), ("djangorestframework", "<3.10"), ("flask", "<2"), ("celery", "<5"))
"""Versions that run on Python 2 as well."""
_NOTEBOOK = re.compile(r"\A# Databricks notebook source\n|\bget_ipython\(\)\.run_line_magic\([\"']run[\"']")
"""A notebook kept as a script: those that run each other share their names, and no import shows it."""
_NOTED = re.compile(r"#.*\b(?:noqa\b.*\bF821|disable=.*undefined-variable)\b|#\s*noqa\s*$")
_NOTED_BEFORE = re.compile(r"#.*\bdisable-next=.*undefined-variable\b")
"""What an author writes beside a name that he knows to come from elsewhere, or in the line before it."""


def undefined_names(project: Project, path: str) -> tuple[Unbound, ...]:
    """The first load of each name of a file that nothing defines."""
    module = project.module(path)
    if module is None:
        return ()
    unbound = (*module.unbound, *_only_added_to(module))
    errors = ANY_ERROR | {"NameError"} if is_test(path) else frozenset(["NameError"])
    found = tuple(
        each
        for each in unbound
        if all(isinstance(project[lookup, key], Absent) for key in _places(project, path, module, each.name))
        and not (each.name in INJECTED or _is_special(each.name))
        and not is_expected(module, each.at, errors)
        and not (each.name in PYTHON_2 and (_asks_for_version(module) or project[_may_be_python_2]))
    )
    if found:
        text = project.text(path) or ""
        if _NOTEBOOK.search(text):
            return ()
        lines = text.splitlines()
        found = tuple(each for each in found if not _is_noted(lines, each.at[0]))
    if found and satisfied(project, (("python", ">=3.14.dev0"),)):
        never = _annotations(module)
        found = tuple(each for each in found if each.at not in never)
    if not found or project[is_unused, path] or _is_executed(project, path):
        return ()
    return found


def _is_noted(lines: list[str], line: int) -> bool:
    """Whether the author says of a line that its name comes from elsewhere."""
    before, here = ["", "", *lines, ""][line : line + 2]
    return bool(_NOTED.search(here) or _NOTED_BEFORE.search(before))


def _annotations(module: Module) -> set[At]:
    """Where the paths of annotations start that run only when somebody asks for them, from Python 3.14 on."""
    plain = [function for function in module.functions[1:] if not function.decorator_codes]
    nodes = [node for each in plain for node in (each.returns, *[param.annotation for param in each.params])]
    return {each.at for each in tree.walk(*nodes) if isinstance(each, tree.Path)}


def _only_added_to(module: Module) -> list[Unbound]:
    """The names that the file's own code adds to (`X += ...`) and never binds."""
    added = [b for b in module.bindings if b.kind == "augment"]
    if not added or module.dynamic:
        return []
    bound = {b.name for b in module.bindings if b.kind != "augment"} | BUILTINS
    bound.update(name for function in module.functions for name in function.outer)
    first = {b.name: b.at for b in reversed(added) if b.name not in bound}
    return [Unbound(name, at) for name, at in sorted(first.items())]


def _places(project: Project, path: str, module: Module, name: str) -> list[tuple[str, str]]:
    """Where to look a name up that the file does not bind, as (path, name): behind its stars, if it adds to it."""
    if not any(binding.name == name for binding in module.bindings):
        return [(path, name)]
    space = project[namespace, path]
    targets = [project[find_module, (path, star)] for star in space.stars] if space is not None else []
    return [(target.path if isinstance(target, Symbol) else "", name) for target in targets]


def _asks_for_version(module: Module) -> bool:
    return any(function.mentions(word) for function in module.functions for word in ("version_info", "PY2", "PY3"))


def _may_be_python_2(project: Project) -> bool:
    """Whether the project is kept to what runs on Python 2, and does not say that it runs on Python 3."""
    return any(satisfied(project, (each,)) for each in _OLD) and not satisfied(project, (("python", ">=3"),))


def _is_special(name: str) -> bool:
    """`__salt__` and the like are put there by whoever runs the file."""
    return name.startswith("__") and name.endswith("__") and name != "__main__"


def _is_executed(project: Project, path: str) -> bool:
    """Whether the file runs in the names of another: settings that are split without imports."""
    folder = path.rpartition("/")[0]
    above = folder.rpartition("/")[0]
    for each in project.paths:
        if each.rpartition("/")[0] in (folder, above) and shares_scope(project.module(each)):
            return True
    return False
