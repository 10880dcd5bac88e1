"""Objects to start that code, settings and manifests name in a string: `uvicorn.run`, scripts, `WSGI_APPLICATION`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.manifests import declared, is_declared, own
from cdlint.project.places import is_aside
from cdlint.project.roots import index
from cdlint.project.stated import line_at
from cdlint.rule import Location

from ._starts import located

_OBJECT = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_][\w.]*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_SETTINGS = ("WSGI_APPLICATION", "ASGI_APPLICATION")
_VARIABLE = "DJANGO_SETTINGS_MODULE"
_MAPPED = re.compile(r"package[-_]dir|\bsources\b|\bwhere\b|\bfrom\s*=|force-include|\bmodule-root\b")


class Named(NamedTuple):
    """Something to start. `folders` are where it is looked for, `complete` whether those are all."""

    text: str
    what: str
    at: Location
    folders: tuple[str, ...]
    complete: bool


def named_objects(project: Project) -> tuple[Named, ...]:
    """All objects that are named in strings."""
    found = [each for path in project.paths for each in project[_in_code, path]]
    found.extend(_scripts(project))
    return tuple(found)


def _in_code(project: Project, path: str) -> tuple[Named, ...]:
    module = project.module(path)
    if module is None or is_aside(path):
        return ()
    found = [
        Named(*_setting(project, path, each.name, value))
        for each in module.bindings
        if each.name in _SETTINGS and isinstance(value := each.value, tree.Constant) and _is_dotted(value.value)
    ]
    tops = {each.module.partition(".")[0] for each in module.imports}
    if "os" in tops or "uvicorn" in tops:
        for function in module.functions:
            calls = function.lasts
            if "run" in calls and "uvicorn" in tops:
                found.extend(_runs(project, path, function))
            if "setdefault" in calls and function.mentions(_VARIABLE):
                found.extend(_settings_modules(project, path, function))
    return tuple(found)


def _is_dotted(value: Any) -> bool:
    return isinstance(value, str) and _DOTTED.fullmatch(value) is not None


def _setting(project: Project, path: str, name: str, value: tree.Constant) -> tuple[Any, ...]:
    module, _, attribute = value.value.rpartition(".")
    folders = _around(project, path)
    top = module.partition(".")[0]
    complete = any(located(project, folder, top) for folder in folders) and not project[is_declared, top]
    return f"{module}:{attribute}", f"{name} = {value.value}", Location(path, value.at), folders, complete


def _around(project: Project, path: str) -> tuple[str, ...]:
    """The folders above a file and the import roots."""
    folder = path.rpartition("/")[0]
    found = [folder]
    while folder:
        folder = folder.rpartition("/")[0]
        found.append(folder)
    return tuple(dict.fromkeys([*found, *project[index].roots]))


def _runs(project: Project, path: str, function: Function) -> Iterator[Named]:
    """`uvicorn.run("app.main:app")`."""
    for call in function.call_nodes:
        text = call.argument(0, "app")
        if not isinstance(call.func, tree.Path) or call.func.last != "run" or not isinstance(text, tree.Constant):
            continue
        if not isinstance(text.value, str) or not _OBJECT.fullmatch(text.value) or call.keyword("app_dir") is not None:
            continue
        answer = resolve_in(project, path, function.qualname, call.func.text)
        if isinstance(answer, Symbol) and answer.name in ("uvicorn.run", "uvicorn.main.run"):
            folders = _around(project, path)
            top = text.value.partition(":")[0].partition(".")[0]
            complete = not project[is_declared, top] and not any(top in each for each in project[declared])
            yield Named(text.value, f"uvicorn.run({text.value})", Location(path, text.at), folders, complete)


def _settings_modules(project: Project, path: str, function: Function) -> Iterator[Named]:
    """`os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")`."""
    for call in function.call_nodes:
        if getattr(call.func, "last", "") != "setdefault" or len(call.args) != 2:
            continue
        name, value = call.args
        if not (isinstance(name, tree.Constant) and name.value == _VARIABLE and isinstance(value, tree.Constant)):
            continue
        if not isinstance(value.value, str) or not _MODULE.fullmatch(value.value):
            continue
        folders = _around(project, path)
        if any(located(project, folder, value.value) for folder in folders):
            continue
        top = value.value.partition(".")[0]
        inside = any(located(project, folder, top) for folder in folders)
        started = path.rpartition("/")[2] == "manage.py" and top not in project[index].tops
        complete = (inside or started) and not project[is_declared, top]
        complete = complete and project[_is_django] and not _is_made(project, folders, value.value)
        yield Named(value.value, f"{_VARIABLE} = {value.value}", Location(path, value.at), folders, complete)


def _is_django(project: Project) -> bool:
    """Whether the repository holds a project of Django, and not only parts for others."""
    names = (path.rpartition("/")[2] for path in project.paths if not is_aside(path))
    return any(name == "manage.py" for name in names) or bool(project.files("**/settings*"))


def _is_made(project: Project, folders: tuple[str, ...], module: str) -> bool:
    """Whether somebody makes the module where it is installed: git ignores it, or an example of it is there."""
    place = module.replace(".", "/")
    if project.files(f"**/{place}.*") or project.files(f"**/{place}[_-]*"):
        return True
    return any(project.ignored("/".join(filter(None, (folder, place))) + ".py") for folder in folders)


def _scripts(project: Project) -> Iterator[Named]:
    """The scripts that `pyproject.toml` declares."""
    for path in project.files("**/pyproject.toml"):
        text = project.text(path) or ""
        if "scripts" not in text or is_aside(path):
            continue
        for name, value in _declared(text):
            yield _script(project, path, text, name, value)


def _declared(text: str) -> Iterator[tuple[str, str]]:
    import tomli

    try:
        table = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError):
        return
    for keys in (("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts")):
        found: Any = table
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        for name, value in found.items() if isinstance(found, dict) else ():
            if isinstance(value, str) and _OBJECT.fullmatch(value.partition("[")[0].strip()):
                yield name, value.partition("[")[0].strip()


def _script(project: Project, path: str, text: str, name: str, value: str) -> Named:
    folder = path.rpartition("/")[0]
    inside = [root for root in project[index].roots if not folder or root == folder or root.startswith(folder + "/")]
    folders = tuple(dict.fromkeys([folder, f"{folder}/src".lstrip("/"), *inside]))
    place = max(text.find(f'"{value}"'), text.find(f"'{value}'"), 0)
    line = line_at(text, place)
    width = len(text.splitlines()[line - 1].encode())
    top = value.partition(":")[0].partition(".")[0]
    there = any(located(project, each, top) for each in folders)
    complete = there or not (_MAPPED.search(text) or project[is_declared, top] or top.lower() in project[own])
    return Named(value, f"{name} = {value}", Location(path, (line, 0, line, width)), folders, complete)
