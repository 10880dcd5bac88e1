"""Which settings modules run the project, and the names that they define.

The project's own starting points (`manage.py`, `wsgi.py`, Celery) name a settings module as
the default of `DJANGO_SETTINGS_MODULE`. Those of tests, examples and documentation are not
the project: what a reusable app's test project leaves out is left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import called_names
from cdlint.project.modules import find_module
from cdlint.rule import Location

from ._class_values import of_settings_class
from ._known import Entry, Items, Text, Value
from ._values import value_of

VARIABLE = "DJANGO_SETTINGS_MODULE"
_STARTERS = frozenset({"manage.py", "wsgi.py", "asgi.py", "celery.py", "__main__.py"})
_ASIDE = re.compile(
    r"tests?|testing|test_?(project|app|site|proj|settings|data)|.*_tests?|tests?_.*|conftest|runtests|examples?|"
    r"example_?\w*|demos?|demo_?project|sandbox|docs?|benchmarks?|\w*_template|fixtures|\{.*"
)


class Settings(NamedTuple):
    """A settings module that runs the project, and where its name is given."""

    path: str
    named_at: Location


class Choice(NamedTuple):
    """The settings modules that run the project; `why` says why there may be others."""

    modules: tuple[Settings, ...]
    why: str


@lru_cache(maxsize=20_000)
def aside(path: str) -> bool:
    """Whether a file belongs to tests, examples, documentation or a project template."""
    return any(map(_is_aside, path.split("/")))


@lru_cache(maxsize=20_000)
def _is_aside(part: str) -> bool:
    return _ASIDE.fullmatch(part.removesuffix(".py")) is not None


def running(project: Project) -> Choice:
    """The settings modules that the project's starting points name."""
    found: dict[str, Settings] = {}
    why = ""
    for path in project.paths:
        if aside(path):
            continue
        for node in project[named_settings, path]:
            answer = project[find_module, (path, node.value)] if isinstance(node.value, str) else None
            if isinstance(answer, Symbol) and answer.path.endswith(".py"):
                if not aside(answer.path):
                    found.setdefault(answer.path, Settings(answer.path, Location(path, node.at)))
            elif path.rpartition("/")[2] in _STARTERS:
                why = f"`{path}` names settings that cannot be followed"
    return Choice(tuple(found.values()), why)


def named_settings(project: Project, path: str) -> tuple[tree.Constant, ...]:
    """What a file makes the default of `DJANGO_SETTINGS_MODULE`; None for what is computed."""
    module = project.module(path)
    if module is None:
        return ()
    starter = path.rpartition("/")[2] in _STARTERS
    if not starter and "setdefault" not in project[called_names, path]:
        return ()
    return tuple(node for body in _bodies(module, starter) for node in _named(body))


def _bodies(module: Module, starter: bool) -> Iterator[tuple[tree.Node, ...]]:
    for function in module.functions:
        if starter or any(call.endswith("environ.setdefault") for call in function.calls):
            yield function.body


def _named(body: tuple[tree.Node, ...]) -> Iterator[tree.Constant]:
    for node in tree.walk(*body):
        value = None
        if isinstance(node, tree.Call) and len(node.args) == 2 and getattr(node.func, "last", "") == "setdefault":
            value = node.args[1] if _is_variable(node.args[0]) else None
        elif isinstance(node, tree.Assign) and isinstance(node.targets[0], tree.Subscript):
            value = node.value if _is_variable(node.targets[0].index) else None
        if value is not None:
            yield value if isinstance(value, tree.Constant) else tree.Constant(None, value.at)


def _is_variable(node: tree.Node) -> bool:
    return isinstance(node, tree.Constant) and node.value == VARIABLE


def _setting(project: Project, path: str, name: str) -> Value | None:
    """A setting: a name of the module, or of the class that is loaded into it."""
    found = value_of(project, path, name)
    return of_settings_class(project, path, name) if found is None else found


def app_list(project: Project, path: str) -> Items:
    """`INSTALLED_APPS` of a settings module, as far as it is known."""
    found = _setting(project, path, "INSTALLED_APPS")
    if isinstance(found, Items):
        return found
    return Items((), getattr(found, "why", "") or "`INSTALLED_APPS` is not there")


def root_urlconf(project: Project, path: str) -> Text:
    """`ROOT_URLCONF` of a settings module: the names it may be."""
    found = _setting(project, path, "ROOT_URLCONF")
    if isinstance(found, Text) and not any("*" in entry.text for entry in found.entries):
        return found
    return Text((), getattr(found, "why", "") or "`ROOT_URLCONF` is not there")


def root_modules(project: Project, path: str) -> tuple[tuple[Symbol, Entry], ...] | None:
    """The modules that `ROOT_URLCONF` may be, each with its place; None when that is not known."""
    text = project[root_urlconf, path]
    found = []
    for entry in text.entries:
        answer = project[find_module, (path, entry.text)]
        if not isinstance(answer, Symbol) or not answer.path.endswith(".py"):
            return None
        found.append((answer, entry))
    return tuple(found) if found and not text.why else None


def settings_like(project: Project) -> tuple[str, ...]:
    """Every module that defines or changes `INSTALLED_APPS`, in a class or by an overriding call too."""
    return tuple(path for path in project.paths if project[_binds_apps, path])


def _binds_apps(project: Project, path: str) -> bool:
    module = project.module(path)
    if module is None:
        return False
    names = [binding.name for binding in module.bindings]
    for each in module.classes:
        names += each.methods
        names += [field.name for field in each.fields]
    return "_APPS\n" in "\n".join((*names, "")) or any(
        "_APPS." in call and call.rpartition(".")[0].endswith("_APPS") for call in module.main.calls
    )
