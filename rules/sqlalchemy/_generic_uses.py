"""Attributes that a class for many models reads of `self.model`, which none of the models has."""

from __future__ import annotations

from collections.abc import Iterator

from cdlint.facts import tree
from cdlint.facts.model import Function
from cdlint.facts.tree import At
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.assignments import self_assignments
from cdlint.project.calls import calling
from cdlint.project.classes import class_facts, descendants, functions_of, resolve_in
from cdlint.project.places import is_aside

from ._models import models
from ._statements import Place, mapped_class

_PATH = tree.TAG[tree.Path]


def held_under(project: Project) -> frozenset[str]:
    """The attributes under which classes keep a mapped class."""
    if not project[models]:
        return frozenset()
    return frozenset().union(*(project[_held_in, path] for path in project.paths if not is_aside(path)))


def _held_in(project: Project, path: str) -> frozenset[str]:
    module = project.module(path)
    names = {each.last for each in project[models]}
    found: set[str] = set()
    for cls in module.classes if module is not None else ():
        for field in cls.fields:
            code = field.value_code
            if code is not None and code[0] == _PATH and code[1].rpartition(".")[2] in names:
                found.add(field.name)
        init = project[functions_of, path].get(f"{cls.qualname}.__init__")
        if init is not None and init.owner == cls.qualname:
            params = {each.name for each in init.params[1:]}
            for name, given in project[self_assignments, Symbol("class", path, cls.qualname)].items():
                if any("model" in name.lower() and getattr(value, "text", "") in params for _, value, _ in given):
                    found.add(name)
    return frozenset(found)


def generic(project: Project) -> tuple[Place, ...]:
    """The methods that read an attribute of a class that is kept so."""
    names = project[held_under]
    if not names:
        return ()
    return tuple(place for path in project.paths if not is_aside(path) for place in project[_generic_in, (path, names)])


def _generic_in(project: Project, key: tuple[str, frozenset[str]]) -> tuple[Place, ...]:
    path, names = key
    return tuple(
        Place(path, function.qualname)
        for function in project[functions_of, path].values()
        if _may_read(function, names)
    )


def _may_read(function: Function, names: frozenset[str]) -> bool:
    if not names or not function.owner or not function.params:
        return False
    own = function.params[0].name
    return any(function.mentions(f"{own}.{name}.") for name in names)


def generic_reads(project: Project, place: Place) -> Iterator[tuple[tuple[Symbol, ...], str, At]]:
    """What a method reads of the models that its class may be for: the models, the name and the place."""
    function = project[functions_of, place.path].get(place.qualname)
    names = project[held_under]
    if function is None or not _may_read(function, names):
        return
    own = function.params[0].name
    chosen = _chosen(function)
    for node in function.every(tree.Path):
        parts = node.text.split(".")
        if len(parts) > 2 and parts[0] == own and parts[1] in names:
            if any(tree.within(node.at, each) for each in chosen):
                continue
            known = project[kept, (Symbol("class", place.path, function.owner), parts[1])]
            if known:
                yield known, parts[2], node.at


def _chosen(function: Function) -> tuple[At, ...]:
    """The blocks that run only when a caller switches them on: not for every model, then."""
    names = {each.name for each in function.params[1:] if _is_switch(each.default)}
    tests = [each for each in function.every(tree.If) if any(_is_of(node, names) for node in tree.walk(each.test))]
    return tuple((*block[0].at[:2], *block[-1].at[2:]) for each in tests for block in (each.body, each.orelse) if block)


def _is_switch(default: tree.Node | None) -> bool:
    return isinstance(default, tree.Constant) and default.value is False


def _is_of(node: tree.Node, names: set[str]) -> bool:
    return isinstance(node, tree.Path) and node.root in names


def kept(project: Project, key: tuple[Symbol, str]) -> tuple[Symbol, ...]:
    """The mapped classes that an attribute of a class or of those below it is; nothing when one is not known."""
    cls, name = key
    found: dict[Symbol, None] = {}
    family = project[descendants, cls]
    for each in family:
        facts = class_facts(project, each)
        bound = [field for field in facts.fields if field.name == name and field.value is not None] if facts else []
        for field in bound:
            if isinstance(field.value, tree.Constant) and field.value.value is None:
                continue
            model = _mapped(project, Place(each.path, ""), field.value)
            if model is None:
                return ()
            found[model] = None
    given = _given(project, cls, name, family)
    return () if given is None else tuple(sorted({*found, *given}, key=lambda each: (each.name, each.path)))


def _mapped(project: Project, place: Place, node: tree.Node | None) -> Symbol | None:
    return mapped_class(project, place, node.text) if isinstance(node, tree.Path) else None


def _given(project: Project, cls: Symbol, name: str, family: tuple[Symbol, ...]) -> tuple[Symbol, ...] | None:
    """The mapped classes that constructors are given; None when one is not known."""
    assigned = project[self_assignments, cls].get(name, ())
    if not assigned:
        return ()
    init = project[functions_of, cls.path].get(f"{cls.name}.__init__")
    params = [each.name for each in init.params[1:]] if init is not None else []
    texts = {getattr(value, "text", "") for _, value, _ in assigned}
    if len(texts) != 1 or not texts <= set(params):
        return None
    param = texts.pop()
    found: dict[Symbol, None] = {}
    for place, call in _constructions(project, cls, family):
        model = _mapped(project, place, call.argument(params.index(param), param))
        if model is None:
            return None
        found[model] = None
    return tuple(found)


def _constructions(project: Project, cls: Symbol, family: tuple[Symbol, ...]) -> Iterator[tuple[Place, tree.Call]]:
    """The calls of a class's constructor: of those below it in theirs, and wherever one without its own is made."""
    inherits = {cls.name.rpartition(".")[2]}
    for each in family[1:]:
        init = project[functions_of, each.path].get(f"{each.name}.__init__")
        if init is None:
            inherits.add(each.name.rpartition(".")[2])
            continue
        for call in init.call_nodes:
            if getattr(call.func, "last", "") == "__init__":
                yield Place(each.path, init.qualname), call
    for path in project.paths:
        for function in calling(project, path, frozenset(inherits)) if not is_aside(path) else ():
            for call in function.call_nodes:
                if getattr(call.func, "last", "") in inherits and isinstance(call.func, tree.Path):
                    answer = resolve_in(project, path, function.qualname, call.func.text)
                    if isinstance(answer, Symbol) and answer in family:
                        yield Place(path, function.qualname), call
