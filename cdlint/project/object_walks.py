"""Modules that code imports under names it finds by walking a folder: each module there, one turn of the loop each."""

from __future__ import annotations

import re

from ..facts import tree
from ..facts.tree import Node
from . import Project
from .answers import Symbol
from .assignments import local_assignments
from .classes import functions_of, resolve_in
from .modules import find_module, module_name, module_symbol
from .object_frames import Frame
from .objects import GAP, Literal, Text, Value
from .places import is_aside

IMPORTERS = frozenset({"importlib.import_module", "builtins.__import__", "werkzeug.utils.import_string"})
_WALKS = frozenset({"glob", "iglob", "listdir", "scandir", "iterdir", "iter_modules"})
_DEEP = frozenset({"rglob", "walk", "walk_packages"})


class Walk:
    """A loop over a folder: which turn it is, and how many there are as far as was seen."""

    __slots__ = ("count", "deep", "turn")

    def __init__(self, turn: int, deep: bool) -> None:
        self.turn = turn
        self.deep = deep
        self.count = 0

    def module(self, project: Project, importer: str, pattern: str) -> Symbol | None:
        """The module that an import means in this turn, its name given with gaps."""
        found: tuple[Symbol, ...] = project[modules_like, (importer, pattern, self.deep)]
        self.count = max(self.count, len(found))
        return found[self.turn] if self.turn < len(found) else None


def walked(project: Project, frame: Frame, node: Node, depth: int = 2) -> bool | None:
    """Whether a value comes from walking a folder: False for its own files only, True for those below too."""
    names = {getattr(call.func, "last", "") for call in tree.calls(node)}
    if isinstance(node, tree.Path) and "." not in node.text and depth:
        assigned = project[local_assignments, (frame.path, frame.qualname)].get(node.text, ())
        found = [walked(project, frame, value, depth - 1) for value, _ in assigned if value is not None]
        return next((each for each in found if each is not None), None)
    for call in tree.calls(node):
        if isinstance(call.func, tree.Path):
            names.update(_called(project, frame, call.func.text))
    if not names.isdisjoint(_DEEP):
        return True
    return None if names.isdisjoint(_WALKS) else False


def _called(project: Project, frame: Frame, text: str) -> frozenset[str]:
    """The last names of what a function of the repository calls."""
    answer = resolve_in(project, frame.path, frame.qualname, text)
    if not isinstance(answer, Symbol) or answer.kind != "function":
        return frozenset()
    function = project[functions_of, answer.path].get(answer.name)
    return function.lasts if function is not None else frozenset()


def modules_like(project: Project, key: tuple[str, str, bool]) -> tuple[Symbol, ...]:
    """The modules that an import with gaps in its name may mean, for `(importer, name, deep)`, sorted.

    The package that holds them must be known. Tests and modules with a leading underscore are left out.
    """
    importer, pattern, deep = key
    package, _, rest = pattern[: pattern.index(GAP)].rpartition(".")
    found = project[find_module, (importer, package)] if package.strip(".") else None
    if not isinstance(found, Symbol) or found.kind != "module" or not found.path.endswith(("/", "/__init__.py")):
        return ()
    folder = found.path.removesuffix("__init__.py")
    pieces = [re.escape(piece) for piece in (rest + pattern[pattern.index(GAP) :]).split(GAP)]
    wanted = re.compile((r".+" if deep else r"[^.]+").join(pieces))
    modules: dict[str, Symbol] = {}
    for path in project.paths:
        below = path.removeprefix(folder)
        name = below.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        good = below != path and not is_aside(below) and not any(part.startswith("_") for part in name.split("."))
        if good and wanted.fullmatch(name):
            modules[name] = module_symbol(path)
    return tuple(modules[name] for name in sorted(modules))


def import_name(args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> str | None:
    """The name that an import function is given, whole or with gaps; None when it is not known at all."""
    given = dict(keywords)
    name = _text(args[0] if args else given.get("name"))
    package = _text(args[1] if len(args) > 1 else given.get("package"))
    if name is None or not name.startswith("."):
        return name
    if package is None:
        return None
    up = len(name) - len(name.lstrip(".")) - 1
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - up], name.lstrip(".")])


def _text(value: Value | None) -> str | None:
    if isinstance(value, Text):
        return value.pattern
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def own_name(project: Project, path: str, name: str) -> str:
    """What `__name__` or `__package__` is in a module."""
    dotted = module_name(project, path)
    package = path.endswith(("/", "__init__.py")) or name == "__name__"
    return dotted if package else dotted.rpartition(".")[0]
