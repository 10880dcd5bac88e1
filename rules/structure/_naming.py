"""Whether anything but an import may load a module: a string, a command, code that walks through packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import calls_of
from cdlint.project.classes import resolve_in
from cdlint.project.modules import find_module, module_name
from cdlint.project.places import is_aside

from ._loaded import vague

_LOADERS = frozenset(
    {
        "__import__", "autodiscover", "autodiscover_modules", "discover", "exec_module", "find_modules",
        "import_module", "import_string", "import_submodules", "include_modules", "iter_modules", "load_module",
        "load_modules",
        "load_plugins", "run_module", "run_path", "scan", "spec_from_file_location", "walk_packages", "wire",
        "WiringConfiguration", "load_setuptools_entrypoints", "module_from_spec",
    }
)  # fmt: skip
_COMMANDS = (
    "**/*.toml", "**/*.cfg", "**/*.ini", "**/*.y*ml", "**/*.json", "**/.env*", "**/*.env", "**/*Dockerfile*", "**/*.sh",
    "**/*Makefile", "**/*ustfile", "**/Procfile*", "**/*.service", "**/*.conf", "**/*.bat", "**/*.ps1",
)  # fmt: skip
_PROSE = ("**/*.md", "**/*.rst", "**/*.txt")
_RUN = r"(?:\bpython[\d.]*|\brun|\s-m|\bflask|\bcelery|\buvicorn)\s[^\n]*"


def may_be_loaded(project: Project, path: str) -> bool:
    """Whether somebody may load a file by its name, written out or computed."""
    name = module_name(project, path)
    stem = name.rpartition(".")[2]
    if any(stem in project[vague, other] for other in project.paths):
        return True
    if any(project[_says, (other, name)] for other in project.paths if other != path and not is_aside(other)):
        return True
    return _is_commanded(project, path, name) or _is_walked(project, path, stem)


def _says(project: Project, key: tuple[str, str]) -> bool:
    """Whether a string in a file is the dotted name of a module, or ends in a part of it: `models.order:Order`."""
    path, name = key
    module = project.module(path)
    wanted = ".".join(name.split(".")[-2:])
    pattern = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
    if module is None or "." not in wanted:
        return False
    return any(
        pattern.search(text) is not None
        for function in module.functions
        if function.mentions(wanted)
        for text in _texts(function)
    )


def _texts(function: Function) -> Iterator[str]:
    """The strings in a body, docstrings left out."""
    plain = [each for each in function.body if not _is_prose(each)]
    for node in tree.walk(*plain):
        if isinstance(node, tree.Constant) and isinstance(node.value, str):
            yield node.value


def _is_prose(node: tree.Node) -> bool:
    return isinstance(node, tree.Expression) and isinstance(node.value, tree.Constant)


def _is_commanded(project: Project, path: str, name: str) -> bool:
    """Whether a file of settings or commands names the module, or prose shows how it is run."""
    dotted = ".".join(name.split(".")[-2:])
    place = "/".join(path.split("/")[-2:])
    either = rf"(?<![\w.])(?:[\w.]+\.)?{re.escape(dotted)}(?!\w)|{re.escape(place)}"
    plain = "|".join([either, *([rf"\b{re.escape(name)}[:.\"']"] if "." not in name else [])])
    every = re.compile(plain)
    if any(every.search(text) for text in _contents(project, _COMMANDS)):
        return True
    shown = re.compile(rf"{_RUN}(?:{either})")
    return any(shown.search(text) for text in _contents(project, _PROSE))


def _contents(project: Project, patterns: tuple[str, ...]) -> Iterator[str]:
    for path in dict.fromkeys(path for pattern in patterns for path in project.files(pattern)):
        yield project.text(path) or ""


def _is_walked(project: Project, path: str, stem: str) -> bool:
    """Whether code that loads modules by computed names may come to this one."""
    loaders = [other for other in project.paths if not is_aside(other) and project[_loads_by_name, other]]
    if not loaders:
        return False
    for other in project.paths:
        if other != path and not is_aside(other):
            texts, folders = project[_named_by, other]
            near = other in loaders
            if stem in texts or any(path.startswith(each) for each in folders):
                return True
            if near and path.startswith(other.rpartition("/")[0]):
                return True
    return False


def _loads_by_name(project: Project, path: str) -> bool:
    """Whether a file loads modules by names that are not written out."""
    return any(not _is_written(call) for _, call in calls_of(project, path, _LOADERS))


def _is_written(call: tree.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, tree.Constant) and isinstance(first.value, str)


def _named_by(project: Project, path: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that a file has as strings of their own, and the folders of the packages that it names or imports."""
    module = project.module(path)
    texts: set[str] = set()
    folders: set[str] = set()
    for text in _strings(module) if module is not None else ():
        plain = text.rstrip(".")
        if plain.isidentifier():
            texts.add(plain)
        if all(part.isidentifier() for part in plain.split(".")):
            folders.update(_folder(project[find_module, (path, plain)]))
    for each in module.imports if module is not None else ():
        if each.name is not None and not each.scope:
            folders.update(_folder(resolve_in(project, path, "", each.alias)))
    return frozenset(texts), frozenset(folders)


def _strings(module: Module) -> Iterator[str]:
    for function in module.functions:
        yield from _texts(function)


def _folder(answer: object) -> Iterator[str]:
    """The folder of a package."""
    if isinstance(answer, Symbol) and answer.kind == "module" and answer.path.endswith(("/", "/__init__.py")):
        yield answer.path.removesuffix("__init__.py")
