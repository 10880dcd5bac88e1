"""Objects of which classes the program really gives to what asks for a protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Class, Function
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Answer, Symbol
from cdlint.project.calls import words
from cdlint.project.classes import ancestry, class_facts, descendants, function_facts
from cdlint.project.places import is_aside
from cdlint.project.values import annotated, attribute, evaluate, injectors
from cdlint.rule import Location

from ._members import PRODUCERS, is_protocol


class Handed(NamedTuple):
    """An object of a class that is given where a protocol is asked for.

    `taker` is the function that gets it or the class that is made with it, None where any may.
    """

    cls: Symbol
    at: Location
    taker: Symbol | None


class _Taker(NamedTuple):
    """A parameter that asks for a protocol, of a function, or of a class that is made with it."""

    symbol: Symbol
    place: int
    name: str
    protocol: Symbol


def handed(project: Project) -> dict[Symbol, tuple[Handed, ...]]:
    """Protocol -> the objects that are given for it: as arguments, as results, and as parts of others."""
    found: dict[Symbol, dict[Symbol, Handed]] = {}
    waiting: list[tuple[Symbol, Handed]] = []
    for path in project.paths if project[_protocol_names] else ():
        waiting.extend(project[_handed_in, path])
    while waiting:
        protocol, each = waiting.pop(0)
        same = found.setdefault(protocol, {})
        if each.cls not in same and not is_protocol(project, each.cls):
            same[each.cls] = each
            waiting.extend(_parts(project, protocol, each.cls))
    return {protocol: tuple(objects.values()) for protocol, objects in found.items()}


def implementers(project: Project, protocol: Symbol) -> tuple[Symbol, ...]:
    """The classes whose objects the program uses as such, as far as it is seen where they come from."""
    given = [each.cls for each in project[handed].get(protocol, ())]
    below = [cls for each in (protocol, *given) for cls in project[descendants, each]]
    return tuple(dict.fromkeys(each for each in below if not is_protocol(project, each)))


def asked(project: Project, protocol: Symbol) -> Iterator[str]:
    """The names of what a protocol asks for."""
    for owner in project[ancestry, protocol].first_party:
        facts = class_facts(project, owner)
        if facts is not None and is_protocol(project, owner):
            yield from dict.fromkeys((*facts.methods, *(each.name for each in facts.fields)))


def _protocol_names(project: Project) -> frozenset[str]:
    return frozenset(name for path in project.paths for name in project[_protocols_in, path])


def _protocols_in(project: Project, path: str) -> tuple[str, ...]:
    module = None if is_aside(path) else project.module(path)
    bases = [(each.name, each.base_codes) for each in (module.classes if module is not None else ())]
    return tuple([name for name, codes in bases if any("Protocol" in words(code) for code in codes)])


def _takers(project: Project) -> dict[str, tuple[_Taker, ...]]:
    """Last name of what is called -> the parameters there that ask for a protocol."""
    found: dict[str, list[_Taker]] = {}
    for path in project.paths:
        for each in project[_takers_in, path]:
            found.setdefault(each.symbol.last, []).append(each)
    return {name: tuple(takers) for name, takers in found.items()}


def _takers_in(project: Project, path: str) -> tuple[_Taker, ...]:
    module = None if is_aside(path) else project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        made = bool(function.owner) and function.name == "__init__"
        symbol = Symbol("class", path, function.owner) if made else Symbol("function", path, function.qualname)
        static = any("staticmethod" in words(code) for code in function.decorator_codes)
        for place, param in enumerate(function.params[1 if function.owner and not static else 0 :]):
            protocol = _asked_by(project, (path, function.qualname), param.annotation_code, param.annotation)
            # Annotations of many are followed to what is in them.
            if protocol is not None and PRODUCERS.isdisjoint(words(param.annotation_code)):
                found.append(_Taker(symbol, place, param.name, protocol))
    for cls in module.classes if module is not None else ():
        found.extend(_of_dataclass(project, path, cls))
    return tuple(found)


def _of_dataclass(project: Project, path: str, cls: Class) -> Iterator[_Taker]:
    """What a dataclass without bases is made with."""
    names = {word for code in cls.decorator_codes for word in words(code)}
    if "dataclass" not in names or cls.base_codes or "__init__" in cls.methods:
        return
    fields = [each for each in cls.fields if each.annotation_code is not None]
    for place, field in enumerate(fields):
        protocol = _asked_by(project, (path, cls.qualname), field.annotation_code, field.annotation)
        if protocol is not None:
            yield _Taker(Symbol("class", path, cls.qualname), place, field.name, protocol)


def _asked_by(project: Project, scope: tuple[str, str], code: tree.Code, annotation: Node | None) -> Symbol | None:
    """The protocol that an annotation asks for."""
    if code is None or project[_protocol_names].isdisjoint(words(code)):
        return None
    cls = _class_of(annotated(project, scope, annotation))
    return cls if cls is not None and is_protocol(project, cls) else None


def _handed_in(project: Project, path: str) -> tuple[tuple[Symbol, Handed], ...]:
    """The objects that a file gives for protocols."""
    module = None if is_aside(path) else project.module(path)
    found = []
    for function in module.functions if module is not None else ():
        for protocol, taker, node in _given_by(project, path, function):
            cls = _class_of(evaluate(project, (path, function.qualname), node))
            if cls is not None:
                found.append((protocol, Handed(cls, Location(path, node.at), taker)))
    return tuple(found)


def _given_by(
    project: Project, path: str, function: Function
) -> Iterator[tuple[Symbol, Symbol | None, tree.Path | tree.Call]]:
    """What a function gives for protocols: its arguments, its results, and what it depends on."""
    scope = (path, function.qualname)
    takers = project[_takers]
    for call in function.call_nodes if not function.lasts.isdisjoint(takers) else ():
        asking = takers.get(getattr(call.func, "last", ""), ())
        called = evaluate(project, scope, call.func) if asking else None
        for taker in asking:
            node = call.argument(taker.place, taker.name) if taker.symbol == called else None
            if isinstance(node, (tree.Path, tree.Call)):
                yield taker.protocol, taker.symbol, node
    protocol = _asked_by(project, scope, function.returns_code, function.returns)
    of_one = protocol is not None and (function.is_generator or PRODUCERS.isdisjoint(words(function.returns_code)))
    for node in _results(function) if of_one else ():
        if protocol is not None and isinstance(node, (tree.Path, tree.Call)):
            yield protocol, None, node
    for param in function.params:
        protocol = _asked_by(project, scope, param.annotation_code, param.annotation)
        for node in tree.calls(param.annotation, param.default) if protocol is not None else ():
            if protocol is not None and getattr(node.func, "last", "") in project[_markers] and node.args:
                yield protocol, Symbol("function", *scope), tree.Call(node.args[0], (), (), node.at)


def _markers(project: Project) -> frozenset[str]:
    """The last names of what stands for the result of the function that it is given."""
    return frozenset(name.rpartition(".")[2] for name in project[injectors])


def _class_of(value: Answer) -> Symbol | None:
    return Symbol("class", value.path, value.name) if isinstance(value, Symbol) and value.kind == "instance" else None


def _parts(project: Project, protocol: Symbol, cls: Symbol) -> Iterator[tuple[Symbol, Handed]]:
    """What an object has or gives where its protocol asks for another protocol."""
    facts = class_facts(project, cls)
    for name in asked(project, protocol) if facts is not None else ():
        wanted, given = (_part(project, each, name) for each in (protocol, cls))
        if wanted is not None and given is not None and facts is not None and is_protocol(project, wanted):
            inner = class_facts(project, given)
            at = Location(given.path, inner.at) if inner is not None else Location(cls.path, facts.at)
            yield wanted, Handed(given, at, None)


def _part(project: Project, cls: Symbol, name: str) -> Symbol | None:
    """The class of an attribute of an object, or of what a method of it gives."""
    value = attribute(project, Symbol("instance", cls.path, cls.name), name)
    if isinstance(value, Symbol) and value.kind == "function":
        facts, scope = function_facts(project, value), (value.path, value.name)
        if facts is not None and facts.returns_code is not None:
            return _class_of(annotated(project, scope, facts.returns))
        given = {_class_of(evaluate(project, scope, node)) for node in _results(facts)} if facts is not None else set()
        return given.pop() if len(given) == 1 else None
    return _class_of(value)


def _results(function: Function) -> Iterator[Node]:
    """What a function returns or yields."""
    yield from (node.value for node in function.every(tree.Return))
    yield from (node.value for node in function.every(tree.Yield))
