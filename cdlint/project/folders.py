"""Folders and files of the repository that an expression comes to: `Path(__file__).parent / "templates"`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from ..facts import tree
from ..facts.model import Binding
from ..facts.tree import Node
from . import Project
from .answers import Symbol, Unknown
from .assignments import local_assignments
from .classes import fields, functions_of, resolve_in
from .constants import fold
from .values import Scope, evaluate


class Folder(NamedTuple):
    """A folder or file. `path` is relative to the repository (`""` is its root), or, when `loose`, to
    the directory in which the program is started, which nobody knows.
    """

    path: str
    loose: bool


Answer: TypeAlias = Folder | Unknown

_SAME = frozenset({"os.path.abspath", "os.path.realpath", "os.path.normpath", "os.fspath", "builtins.str"})
_PATHS = frozenset({f"pathlib.{name}" for name in ("Path", "PurePath", "PosixPath", "PurePosixPath")})
_HERE = frozenset({"os.getcwd", "pathlib.Path.cwd"})
_SAME_METHODS = frozenset({"resolve", "absolute", "as_posix", "expanduser"})
_DEPTH = 12


def folder(project: Project, scope: Scope, node: Node | None, depth: int = _DEPTH) -> Answer:
    """The folder or file that an expression comes to."""
    if node is None or depth <= 0:
        return Unknown("followed too far")
    if isinstance(node, tree.Constant):
        return _constant(node.value)
    if isinstance(node, tree.Path):
        return _path(project, scope, node, depth)
    if isinstance(node, tree.Attribute):
        return _attributes(folder(project, scope, node.value, depth - 1), node.text)
    if isinstance(node, tree.Call):
        return _call(project, scope, node, depth)
    if isinstance(node, tree.Subscript):
        return _parents(project, scope, node, depth)
    if isinstance(node, tree.Binary) and node.op == "/":
        return _joined([folder(project, scope, term, depth - 1) for term in node.terms])
    if isinstance(node, (tree.Binary, tree.FString)):
        return _text(project, scope, node, depth)
    return Unknown("a path that is computed")


def candidates(project: Project, found: Folder, near: str) -> tuple[str, ...]:
    """The folders of the repository that a folder may be, when the program starts in or above that of `near`."""
    if not found.loose:
        return (found.path,)
    paths = []
    home = posixpath.dirname(near)
    while True:
        path = posixpath.normpath(posixpath.join(home, found.path))
        if not path.startswith("..") and project.exists(path):
            paths.append("" if path == "." else path)
        if not home:
            return tuple(paths)
        home = posixpath.dirname(home)


def _constant(value: object) -> Answer:
    if not isinstance(value, str) or value.startswith("/") or "\\" in value:
        return Unknown("a path that is not in the repository")
    return _normal(value, True)


def _normal(path: str, loose: bool) -> Answer:
    """A path put straight; one that leads out of the repository is not known."""
    plain = posixpath.normpath(path) if path else ""
    if not loose and (plain == ".." or plain.startswith("../")):
        return Unknown("a path that is not in the repository")
    return Folder("" if plain == "." else plain, loose)


def _joined(parts: list[Answer]) -> Answer:
    first, *rest = parts
    if isinstance(first, Unknown):
        return first
    path = first.path
    for part in rest:
        if isinstance(part, Unknown):
            return part
        if not part.loose:
            return Unknown("a whole path after another")
        path = posixpath.join(path, part.path)
    return _normal(path, first.loose)


def _up(found: Answer) -> Answer:
    if isinstance(found, Unknown):
        return found
    if not found.path or found.path.split("/")[-1] == "..":
        return _normal(posixpath.join(found.path, ".."), found.loose)
    return Folder(posixpath.dirname(found.path), found.loose)


def _attributes(found: Answer, names: str) -> Answer:
    for name in names.split("."):
        if name != "parent":
            return Unknown(f"the `{name}` of a path")
        found = _up(found)
    return found


def _path(project: Project, scope: Scope, node: tree.Path, depth: int) -> Answer:
    if node.text == "__file__":
        return Folder(scope[0], False)
    text, ups = node.text, 0
    while text.endswith(".parent"):
        text, ups = text.removesuffix(".parent"), ups + 1
    found = _named(project, scope, text, depth)
    for _ in range(ups):
        found = _up(found)
    return found


def _named(project: Project, scope: Scope, text: str, depth: int) -> Answer:
    """What a variable, local or of a module, or an attribute of a settings object holds."""
    first, _, rest = text.partition(".")
    function = project[functions_of, scope[0]].get(scope[1]) if scope[1] else None
    if function is not None and first in function.binds and not rest:
        given = project[local_assignments, scope].get(first, ())
        if any(param.name == first for param in function.params) or not given:
            return Unknown(f"`{first}` is decided by the caller")
        return _agreed(folder(project, scope, value, depth - 1) for value, _ in given)
    answer = resolve_in(project, scope[0], scope[1], text)
    if isinstance(answer, Symbol) and answer.kind == "variable":
        return _variable(project, answer, depth)
    if isinstance(answer, Symbol) and answer.kind == "external" and answer.name in ("os.pardir", "os.path.pardir"):
        return Folder("..", True)
    head, _, name = text.rpartition(".")
    owner = evaluate(project, scope, tree.Path(head, (0, 0, 0, 0))) if head else None
    if isinstance(owner, Symbol) and owner.kind in ("instance", "class"):
        for holder, binding in fields(project, Symbol("class", owner.path, owner.name)):
            if binding.name == name:
                return folder(project, (holder.path, holder.name), binding.value, depth - 1)
    return Unknown(f"`{text}` is not a path that is known")


def _variable(project: Project, variable: Symbol, depth: int) -> Answer:
    owner, _, name = variable.name.rpartition(".")
    module = project.module(variable.path)
    held: tuple[Binding, ...] = module.bindings if module else ()
    if owner and module:
        held = next((cls.fields for cls in module.classes if cls.qualname == owner), ())
    values = [each for each in held if each.name == name and each.kind != "annotation"]
    if not values or any(each.kind != "assign" for each in values):
        return Unknown(f"`{name}` is not assigned a path")
    return _agreed(folder(project, (variable.path, owner), each.value, depth - 1) for each in values)


def _agreed(found: Iterator[Answer]) -> Answer:
    distinct = set(found)
    return distinct.pop() if len(distinct) == 1 else Unknown("several paths are possible")


def _parents(project: Project, scope: Scope, node: tree.Subscript, depth: int) -> Answer:
    """`Path(__file__).parents[1]`."""
    value, index = node.value, getattr(node.index, "value", None)
    inner: Node = None
    if isinstance(value, tree.Attribute) and value.text == "parents":
        inner = value.value
    elif isinstance(value, tree.Path) and value.text.endswith(".parents"):
        inner = tree.Path(value.text.removesuffix(".parents"), value.at)
    if inner is None or not isinstance(index, int) or not 0 <= index < _DEPTH:
        return Unknown("an item")
    found = folder(project, scope, inner, depth - 1)
    for _ in range(index + 1):
        found = _up(found)
    return found


def _call(project: Project, scope: Scope, node: tree.Call, depth: int) -> Answer:
    owner, method = _receiver(node)
    if owner is not None and method in _SAME_METHODS:
        return folder(project, scope, owner, depth - 1)
    callee = evaluate(project, scope, node.func)
    name = callee.name if isinstance(callee, Symbol) and callee.kind == "external" else ""
    if name in _HERE:
        return Folder("", True)
    parts = [folder(project, scope, each, depth - 1) for each in node.args]
    if owner is not None and method == "joinpath":
        return _joined([folder(project, scope, owner, depth - 1), *parts])
    if name == "os.path.dirname" and parts:
        return _up(parts[0])
    if name in _SAME and len(parts) == 1:
        return parts[0]
    if name in _PATHS or name in ("os.path.join", "posixpath.join"):
        return _joined(parts) if parts else Folder("", True)
    return Unknown("the result of a call")


def _receiver(node: tree.Call) -> tuple[Node | None, str]:
    """What a method is called on, and its name."""
    if isinstance(node.func, tree.Attribute):
        text, _, name = node.func.text.rpartition(".")
        return (tree.Attribute(node.func.value, text, node.func.at) if text else node.func.value), name
    if isinstance(node.func, tree.Path) and "." in node.func.text:
        text, _, name = node.func.text.rpartition(".")
        return tree.Path(text, node.func.at), name
    return None, ""


def _text(project: Project, scope: Scope, node: tree.Binary | tree.FString, depth: int) -> Answer:
    """`f"{BASE_DIR}/templates"`, `BASE_DIR + "/templates"`, and text that is constant as a whole."""
    parts = node.parts if isinstance(node, tree.FString) else node.terms
    if not parts or (isinstance(node, tree.Binary) and node.op != "+"):
        return Unknown("a path that is computed")
    whole = fold(project, scope, node)
    if isinstance(whole, str):
        return _constant(whole)
    first = folder(project, scope, parts[0], depth - 1)
    rest = [fold(project, scope, each) for each in parts[1:]]
    if isinstance(first, Unknown) or not all(isinstance(each, str) for each in rest):
        return Unknown("a path that is computed")
    tail = "".join(str(each) for each in rest)
    return _normal(first.path + tail, first.loose) if tail.startswith("/") else Unknown("a path that is computed")
