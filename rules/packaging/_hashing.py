"""Password hashers of passlib that a program uses, each with the package that does the work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Module
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.classes import resolve_in
from cdlint.project.constants import fold
from cdlint.project.places import is_aside
from cdlint.project.ranges import within
from cdlint.project.versions import version
from cdlint.rule import Location

from ._features import Feature
from ._reach import tops


class Hasher(NamedTuple):
    """A scheme by which passwords are hashed, and where that is said."""

    scheme: str
    at: Location


def hashers(project: Project, path: str) -> tuple[Hasher, ...]:
    """The schemes of `CryptContext(schemes=[...])` and of `passlib.hash` in a file."""
    module = project.module(path)
    if module is None or is_aside(path) or not any(each.module.startswith("passlib") for each in module.imports):
        return ()
    return tuple(each for function in module.functions for each in _of_function(project, path, module, function))


def _of_function(project: Project, path: str, module: Module, function: Function) -> Iterator[Hasher]:
    contexts = {each.alias for each in module.imports if each.name in ("CryptContext", "LazyCryptContext")}
    for called in function.calls:
        first = called.partition(".")[0]
        if called in contexts or called.endswith(".CryptContext"):
            for call in function.call_nodes:
                if isinstance(call.func, tree.Path) and call.func.text == called:
                    yield from _schemes(project, (path, function.qualname), call)
        elif any(each.alias == first and each.module.startswith("passlib") for each in module.imports):
            answer = resolve_in(project, path, function.qualname, called)
            if isinstance(answer, Symbol) and answer.name.startswith("passlib.hash.") and answer.name.count(".") > 2:
                yield Hasher(answer.name.split(".")[2], Location(path, _at(function, called)))


def _at(function: Function, called: str) -> tree.At:
    found = (call.at for call in function.call_nodes if getattr(call.func, "text", "") == called)
    return next(found, function.at)


def _schemes(project: Project, scope: tuple[str, str], call: tree.Call) -> Iterator[Hasher]:
    """The first scheme, by which new passwords are hashed, unless another one is the default."""
    listed = call.argument(0, "schemes")
    values = fold(project, scope, listed, infer=False) if listed is not None else None
    default = call.keyword("default")
    chosen = fold(project, scope, default, infer=False) if default is not None else None
    if isinstance(chosen, str):
        yield Hasher(chosen, Location(scope[0], call.at))
    elif isinstance(values, tuple) and values and isinstance(values[0], str) and default is None:
        yield Hasher(values[0], Location(scope[0], call.at))
    elif isinstance(values, str) and default is None:
        yield Hasher(values, Location(scope[0], call.at))


def hash_needs(project: Project) -> tuple[Feature, ...]:
    """What the hashers need to be installed."""
    found = []
    for path in project.paths:
        for each in project[hashers, path] if "passlib" in project[tops, path] else ():
            if each.scheme == "argon2":
                found.append(Feature("the scheme argon2", ("argon2-cffi", "argon2pure"), each.at))
            elif each.scheme == "bcrypt" and _has_no_crypt(project):
                found.append(Feature("the scheme bcrypt", ("bcrypt", "py-bcrypt", "bcryptor"), each.at))
    return tuple(found)


def _has_no_crypt(project: Project) -> bool:
    """Whether Python has no `crypt` of its own, which may know bcrypt: it was removed in 3.13."""
    found = project[version, "python"].version
    return bool(found.exact or found.specifier) and within(found.specifier or f"=={found.exact}", ">=3.13")
