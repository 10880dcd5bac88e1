"""Where fields, columns and parameters are given defaults by code that runs once, on import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Binding, Class, Function, Module
from cdlint.facts.tree import Code, Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import ancestry
from cdlint.project.places import is_aside

DEFAULTS = frozenset(
    {"default", "onupdate", "insert_default", "initial", "missing", "load_default", "dump_default", "default_value"}
)
_CALL, _CONSTANT, _PATH = tree.TAG[tree.Call], tree.TAG[tree.Constant], tree.TAG[tree.Path]
_COLLECTING = frozenset({"dataclass", "define", "frozen", "mutable", "s", "attrs", "attributes"})
_DATA = frozenset(
    {
        "pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.v1.BaseModel", "sqlmodel.SQLModel",
        "sqlmodel.main.SQLModel", "typing.NamedTuple", "msgspec.Struct", "sqlalchemy.orm.MappedAsDataclass",
        "ninja.Schema", "pydantic.generics.GenericModel", "beanie.Document", "odmantic.Model",
        "odmantic.EmbeddedModel", "redis_om.HashModel", "redis_om.JsonModel", "aredis_om.HashModel",
        "aredis_om.JsonModel",
    }
)  # fmt: skip
_COMMAND_LINES = frozenset({"click", "cyclopts", "fire", "typer"})
"""What makes a command of a function, which runs once in a process."""
_ONCE = ("Settings", "Config", "Configuration", "Options")
"""Ends of the names of classes that a program makes one object of."""


class Default(NamedTuple):
    """A default as written. `maker` is the call that takes it, None for `name: type = value` and parameters."""

    path: str
    scope: str
    owner: str
    """The class, or the function with its brackets, that has it."""
    name: str
    """The field or parameter."""
    keyword: str
    value: Node
    maker: tree.Call | None


def is_left_out(path: str) -> bool:
    """Whether a file is a test, an example, or a migration, which is run once."""
    return is_aside(path) or "migrations" in path.split("/") or "versions" in path.split("/")


def kept(project: Project) -> tuple[str, ...]:
    """The files that are not left out."""
    return tuple(path for path in project.paths if not is_left_out(path))


def in_classes(project: Project, path: str) -> tuple[Default, ...]:
    """The defaults in the class bodies of a file that are no constants."""
    return tuple(_in_classes(project, path))


def _in_classes(project: Project, path: str) -> Iterator[Default]:
    module = project.module(path)
    for cls in module.classes if module else ():
        for binding in cls.fields:
            code = binding.value_code
            if code is None or code[0] in (_CONSTANT, _PATH) or binding.kind != "assign":
                continue
            scope = cls.qualname
            if _takes_default(code):
                if binding.callee:
                    yield from _given(path, scope, cls.qualname, binding.name, binding.value)
            elif binding.annotation_code is not None:
                yield Default(path, scope, cls.qualname, binding.name, "", binding.value, None)


def _takes_default(code: Code, depth: int = 1) -> bool:
    """Whether an encoded call, or one among its arguments, has a keyword of a default."""
    if code[0] != _CALL:
        return False
    if code[1][0] == _PATH and code[1][1].rpartition(".")[2] in ("Field", "field") and code[2]:
        return True
    inner = [keyword[2] for keyword in code[3]]
    if any(keyword[1] in DEFAULTS for keyword in code[3]):
        return True
    return depth > 0 and any(each[0] == _CALL and _takes_default(each, depth - 1) for each in (*code[2], *inner))


def _given(path: str, scope: str, owner: str, name: str, node: Node) -> Iterator[Default]:
    if not isinstance(node, tree.Call):
        return
    for keyword in node.keywords:
        if keyword.name in DEFAULTS:
            yield Default(path, scope, owner, name, keyword.name, keyword.value, node)
        elif keyword.name in ("sa_column", "sa_column_kwargs"):
            yield from _given(path, scope, owner, name, keyword.value)
    if getattr(node.func, "last", "") in ("Field", "field") and node.args:
        yield Default(path, scope, owner, name, "default", node.args[0], node)
    for each in node.args:
        yield from _given(path, scope, owner, name, each)


def in_tables(project: Project, path: str) -> Iterator[Default]:
    """The defaults of columns of `Table(...)`s that a module makes."""
    module = project.module(path)
    if module is None or not any(call.rpartition(".")[2] == "Column" for call in module.main.calls):
        return
    for call in _outside_classes(module.main.body):
        if getattr(call.func, "last", "") == "Column":
            first = call.args[0] if call.args else None
            name = first.value if isinstance(first, tree.Constant) else ""
            for keyword in call.keywords:
                if keyword.name in DEFAULTS:
                    yield Default(path, "", "", str(name), keyword.name, keyword.value, call)


def _outside_classes(body: tuple[Node, ...]) -> Iterator[tree.Call]:
    """The calls of statements, those in class bodies left out, which may stand under a `with` or an `if`."""
    stack = list(reversed(body))
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Call):
            yield node
        if node is not None and not isinstance(node, tree.ClassDef):
            stack += reversed(tree.children(node))


def in_parameters(project: Project, path: str) -> Iterator[tuple[Function, Default]]:
    """The defaults of parameters of functions that are defined on import, constants and names left out."""
    module = project.module(path)
    if module is None or any(each.module.partition(".")[0] in _COMMAND_LINES for each in module.imports):
        return
    for function in module.functions:
        if function.parent:
            continue
        for param in function.params:
            code = param.default_code
            if code is not None and code[0] not in (_CONSTANT, _PATH):
                scope = function.owner
                yield function, Default(path, scope, f"{function.qualname}()", param.name, "", param.default, None)


def collects(project: Project, symbol: Symbol, facts: Class) -> bool:
    """Whether `name: type = value` in a class is a field of each of its objects, with the value as its default."""
    for node in facts.decorators if facts.decorator_codes else ():
        if getattr(node.func if isinstance(node, tree.Call) else node, "last", "") in _COLLECTING:
            return True
    return bool(facts.base_codes) and not _DATA.isdisjoint(project[ancestry, symbol].external)


def is_made_once(project: Project, symbol: Symbol) -> bool:
    """Whether a class is one of settings: a value made on import is what every part of the program shall see."""
    if symbol.last.endswith(_ONCE):
        return True
    return any(
        name.rpartition(".")[2].removesuffix("()").endswith(_ONCE) for name in project[ancestry, symbol].external
    )


def binding_of(module: Module | None, name: str) -> Binding | None:
    """The one assignment of a module's variable, None when there are several."""
    found = [each for each in module.bindings if each.name == name] if module else []
    return found[0] if len(found) == 1 else None
