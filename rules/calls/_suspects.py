"""Which functions make a call without `await` that may give a coroutine, decided without reading their bodies.

Bodies are read only where the answer can matter: in a large repository the names of some
coroutine functions are also those of everyday methods such as `get`, called everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cdlint.backend.coroutines import coroutine_calls
from cdlint.facts import tree
from cdlint.facts.model import Function, Module, Param
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import called_names, words
from cdlint.project.classes import class_member, functions_of
from cdlint.project.names import resolve
from cdlint.project.places import is_aside
from cdlint.project.values import annotated, attribute, evaluate

from ._coroutines import gives_coroutine, is_coroutine_function, outside_names
from ._instances import called_objects

_EVERYDAY = frozenset(
    {name for kind in (bytes, dict, list, set, str) for name in dir(kind)}
    | {
        "add", "begin", "call", "cancel", "close", "command", "commit", "create", "delete", "execute", "flush", "json",
        "load", "patch", "post", "put", "read", "resolve", "result", "rollback", "run", "save", "scalar", "scalars",
        "seek", "send", "start", "stop", "submit", "wait", "write",
    }
)  # fmt: skip
"""Methods that so many things have that their name alone says nothing."""


class Known(NamedTuple):
    """Names of coroutine functions of the repository and outside."""

    functions: frozenset[str]
    methods: frozenset[str]
    objects: frozenset[str]
    """Of what holds objects that give a coroutine when they are called."""
    owners: Mapping[str, frozenset[str]]
    """Method -> the classes that have it and what makes their instances.

    Only for methods that are of interest where one of these is called, and not by their name alone.
    """
    every: frozenset[str]


class Place(NamedTuple):
    """A function and the module that it stands in."""

    path: str
    module: Module
    function: Function
    aside: bool


def _names_in(project: Project, path: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """What a file's imports rename, and its coroutine functions with their classes, without positions."""
    module = project.module(path)
    if module is None:
        return (), ()
    renamed = [(each.name, each.alias) for each in module.imports if each.renamed and each.name is not None]
    functions = [(each.name, each.owner) for each in module.functions if each.is_async and not each.is_generator]
    return tuple(renamed), tuple(functions)


class _Defined(NamedTuple):
    """The names of coroutine functions, and of those methods that are of interest for some owners only."""

    functions: frozenset[str]
    methods: frozenset[str]
    owners: Mapping[str, frozenset[str]]
    classes: frozenset[str]
    """All of these owners."""


def _defined(project: Project) -> _Defined | None:
    """None where nothing is asynchronous."""
    functions: set[str] = set()
    methods: dict[str, set[str]] = {}
    renamed: dict[str, set[str]] = {}
    for path in project.paths:
        aliases, asynchronous = project[_names_in, path]
        for name, alias in aliases:
            renamed.setdefault(name, set()).add(alias)
        for name, owner in asynchronous:
            if owner:
                methods.setdefault(name, set()).add(owner.rpartition(".")[2])
            else:
                functions.add(name)
    if not functions and not methods:
        return None
    _follow_names(functions, renamed)
    owners = {name: found for name, found in methods.items() if name in _EVERYDAY}
    for name, outside in project[outside_names].items():
        for owner, _ in outside:
            owners.setdefault(name, set()).add(owner.partition("(")[0].rpartition(".")[2])
    owned = {name: frozenset(found) for name, found in owners.items()}
    return _Defined(frozenset(functions), frozenset(methods), owned, frozenset().union(*owned.values()))


def known_names(project: Project) -> Known:
    """The last names that a call must have to be of interest; none where nothing is asynchronous."""
    defined = project[_defined]
    if defined is None:
        return Known(frozenset(), frozenset(), frozenset(), {}, frozenset())
    objects = frozenset(project[_asynchronous_objects])
    every = frozenset((*defined.functions, *defined.methods, *objects, *defined.owners))
    return Known(defined.functions, defined.methods, objects, _with_makers(project, defined.owners), every)


def _asynchronous_objects(project: Project) -> tuple[str, ...]:
    """The names of objects that give a coroutine when they are called, everyday ones left out."""
    objects = project[called_objects]
    waited = [name for name in objects if any(project[is_coroutine_function, each] for each in objects[name])]
    return tuple([name for name in waited if name not in _EVERYDAY])


def _follow_names(functions: set[str], renamed: Mapping[str, set[str]]) -> None:
    """Add the names that imports give to the functions."""
    pending = list(functions & renamed.keys())
    while pending:
        fresh = renamed.get(pending.pop(), set()) - functions
        functions |= fresh
        pending.extend(fresh)


def _with_makers(project: Project, owners: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """The owners with the module variables that they are assigned to and the functions that return them."""
    makers: dict[str, set[str]] = {}
    for path in project.paths:
        if not is_aside(path):
            for owner, maker in project[_makers_in, path]:
                makers.setdefault(owner, set()).add(maker)
    return {name: found.union(*(makers.get(owner, ()) for owner in found)) for name, found in owners.items()}


def _makers_in(project: Project, path: str) -> frozenset[tuple[str, str]]:
    """Pairs (class, what a file calls an instance of it or the function that makes one)."""
    module, defined = project.module(path), project[_defined]
    if module is None or defined is None:
        return frozenset()
    classes = defined.classes
    found = set()
    for binding in module.bindings:
        if binding.callee and (last := binding.callee[binding.callee.rfind(".") + 1 :]) in classes:
            found.add((last, binding.name))
    for function in module.functions:
        if function.returns_code is not None:
            found.update((word, function.name) for word in words(function.returns_code) if word in classes)
    return frozenset(found)


def suspects(project: Project) -> tuple[Symbol, ...]:
    """The functions, and modules' own code as `""`, whose calls are worth resolving."""
    paths = project.paths if project[known_names].every else ()
    return tuple(symbol for path in paths for symbol in project[_suspects_in, path])


def _suspects_in(project: Project, path: str) -> tuple[Symbol, ...]:
    known = project[known_names]
    every = known.every
    module = project.module(path)
    found = []
    for function in module.functions if module else ():
        waited = function.awaited
        hits = [call for call in function.calls if call[call.rfind(".") + 1 :] in every and call not in waited]
        if hits and module is not None:
            place = Place(path, module, function, is_aside(path))
            symbol = Symbol("function", path, function.qualname)
            if any(_may(project, place, call, known) for call in hits) or _is_told(project, place, symbol, hits):
                found.append(symbol)
    return tuple(dict.fromkeys(found))


def _is_told(project: Project, place: Place, symbol: Symbol, hits: list[str]) -> bool:
    """Whether a pack is certain of a call in an `async def`; everyday names alone are not worth the question."""
    lasts = {call[call.rfind(".") + 1 :] for call in hits} - _EVERYDAY
    return bool(lasts) and place.function.is_async and not place.aside and bool(coroutine_calls(project, symbol))


def _may(project: Project, place: Place, call: str, known: Known) -> bool:
    function = place.function
    root, _, rest = call.partition(".")
    if root == "?" or (root in function.binds and function.qualname):
        return _local_may(project, place, root, rest, known)
    if function.parent and _is_bound_around(project, place, root):
        return not place.aside
    answer = project[resolve, (place.path, call)]
    if rest and not (isinstance(answer, Symbol) and answer.kind in ("function", "external")):
        answer = project[value_of, (place.path, call)]
    return _answer_may(project, answer)


def _is_bound_around(project: Project, place: Place, name: str) -> bool:
    """Whether a function around this one binds the name."""
    around = project[functions_of, place.path]
    parent = place.function.parent
    while parent:
        outer = around.get(parent)
        if outer is None or name in outer.binds:
            return True
        parent = outer.parent
    return False


def value_of(project: Project, key: tuple[str, str]) -> Answer:
    """What a dotted expression on the top level of a module stands for, for `(path, text)`."""
    path, text = key
    return evaluate(project, (path, ""), tree.Path(text, (1, 0, 1, 0)))


def _local_may(project: Project, place: Place, root: str, rest: str, known: Known) -> bool:
    """A call on a parameter, a local name or something without a name."""
    function = place.function
    last = rest.rpartition(".")[2]
    first = function.params[0].name if function.params and function.owner else None
    if root == first and rest and "." not in rest:
        found = project[class_member, (Symbol("class", place.path, function.owner), rest)]
        if rest in known.objects and not (isinstance(found, Symbol) and found.kind == "function"):
            return _attribute_may(project, Symbol("instance", place.path, function.owner), rest)
        return _answer_may(project, found)
    if place.aside:
        # What tests keep in local names is mostly a double or a client of their own.
        return False
    for param in function.params:
        if param.name == root and root != first:
            return bool(rest or root in known.objects) and _parameter_may(project, place, param, rest)
    if not rest:
        return root in known.functions or root in known.objects
    near = root if root != first else f"{root}.{rest[: -len(last)]}".rstrip(".")
    if any(call.startswith(f"{near}.") for call in function.awaited):
        # What is awaited of the same object elsewhere is not one of the everyday things.
        return True
    owners = known.owners.get(last)
    if owners is not None and root == first:
        # Of an attribute's class, the module has the name, or makes it.
        binds = place.module.main.binds
        named = not owners.isdisjoint(binds) or not owners.isdisjoint(project[called_names, place.path])
        return named or _attribute_may(project, Symbol("instance", place.path, function.owner), rest)
    if owners is not None and any(part in owners for call in function.calls for part in call.split(".")):
        return True
    if owners is not None and not owners.isdisjoint(place.module.main.binds) and function.holds(tree.With):
        # What a manager of a class that the file knows gives is often the manager itself.
        return True
    return last in known.objects or (last in known.methods and last not in _EVERYDAY)


def _parameter_may(project: Project, place: Place, param: Param, rest: str) -> bool:
    if param.annotation_code is None:
        # Only a default that is a call, a dependency, says what arrives.
        return param.default_code is not None and isinstance(param.default_code[1], tuple)
    value = annotated(project, (place.path, place.function.qualname), param.annotation)
    return _attribute_may(project, value, rest)


def _attribute_may(project: Project, value: Answer, rest: str) -> bool:
    """The same for attributes of something known."""
    for name in rest.split(".") if rest else ():
        if not isinstance(value, Symbol):
            return False
        value = attribute(project, value, name)
    return _answer_may(project, value)


def _answer_may(project: Project, answer: Answer) -> bool:
    """Whether something resolved may give a coroutine; only what is certain not to is left out."""
    if not isinstance(answer, Symbol):
        return False
    if answer.kind == "function":
        return project[is_coroutine_function, answer]
    return gives_coroutine(project, answer) if answer.kind == "external" else answer.kind in ("variable", "instance")
