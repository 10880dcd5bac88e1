"""Finding the calls that render templates: by name, through helpers that pass a name on, by attributes of classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..facts import tree
from ..facts.model import Function
from ..facts.tree import Node
from ..project import Project
from ..project.answers import Symbol, Unknown
from ..project.calls import calling
from ..project.classes import class_facts, descendants
from ..project.constants import fold
from ..project.places import is_aside
from ..project.values import Scope, evaluate
from ..rule import Location
from .templates import Rendering


class Renderer(NamedTuple):
    """A function from outside that renders: its dotted name, and where the name of the template is given.

    Of several `positions` the first counts at which a string stands. `mapping` says that the names
    which the template gets are a mapping behind its own, not keywords.
    """

    name: str
    positions: tuple[int, ...]
    keyword: str
    mapping: bool


class Renderers(NamedTuple):
    """All renderers of a framework, with the lookup that they use."""

    lookup: str
    each: tuple[Renderer, ...]


class _Forward(NamedTuple):
    """A function that renders what its caller names."""

    function: Symbol
    position: int
    parameter: str


def rendered(project: Project, renderers: Renderers) -> tuple[Rendering, ...]:
    """The places that render, tests and examples left out."""
    found = [each for path in project.paths for each in project[_direct, (path, renderers)]]
    forwards = project[_forwards, renderers]
    if forwards:
        names = frozenset(each.function.last for each in forwards)
        found += [each for path in project.paths for each in project[_through, (path, renderers, names)]]
    found += project[_declared, renderers]
    return tuple(dict.fromkeys(found))


def _calls(project: Project, path: str, names: frozenset[str]) -> Iterator[tuple[Function, Scope, tree.Call, Symbol]]:
    """The calls in a file of something with one of these last names, and what it is."""
    for function in calling(project, path, names) if not is_aside(path) else ():
        scope = (path, function.qualname)
        for call in function.call_nodes:
            if getattr(call.func, "last", "") in names:
                callee = evaluate(project, scope, call.func)
                if isinstance(callee, Symbol):
                    yield function, scope, call, callee


def _renders(
    project: Project, path: str, renderers: Renderers
) -> Iterator[tuple[Function, Scope, tree.Call, Renderer, Node | None]]:
    """The calls of renderers in a file, each with the node that names the template."""
    known = {each.name: each for each in renderers.each}
    last = frozenset(name.rpartition(".")[2] for name in known)
    for function, scope, call, callee in _calls(project, path, last):
        renderer = known.get(callee.name) if callee.kind == "external" else None
        if renderer is not None:
            yield function, scope, call, renderer, _named(project, scope, call, renderer)


def _named(project: Project, scope: Scope, call: tree.Call, renderer: Renderer) -> Node | None:
    """The argument that names the template."""
    if call.keyword(renderer.keyword) is not None:
        return call.keyword(renderer.keyword)
    given = [each for position in renderer.positions if (each := call.argument(position)) is not None]
    texts = (
        [each for each in given if isinstance(fold(project, scope, each, infer=False), str)]
        if len(given) > 1
        else given
    )
    return (texts or given or [None])[0]


def _direct(project: Project, key: tuple[str, Renderers]) -> tuple[Rendering, ...]:
    path, renderers = key
    found = []
    for _, scope, call, renderer, name in _renders(project, path, renderers):
        if name is not None:
            passes, loose = _passed(call, renderer, name)
            names = _names(project, scope, name)
            found.append(Rendering(renderers.lookup, names, Location(path, name.at), scope, passes, loose, False))
    return tuple(found)


def _names(project: Project, scope: Scope, node: Node) -> tuple[str, ...]:
    """The names that are tried; none when they are computed."""
    known = fold(project, scope, node, infer=False)
    if isinstance(known, str):
        return (known,) if known else ()
    if isinstance(known, Unknown) or not isinstance(known, tuple):
        return ()
    return known if all(isinstance(each, str) and each for each in known) else ()


def _passed(call: tree.Call, renderer: Renderer, name: Node) -> tuple[tuple[tuple[str, Node], ...], bool]:
    """The names that a template gets, and whether it may get more."""
    spread = any(each.name is None for each in call.keywords)
    if not renderer.mapping:
        return tuple(
            (each.name, each.value) for each in call.keywords if each.name not in (None, renderer.keyword)
        ), spread
    behind = call.args.index(name) + 1 if name in call.args else 99
    given = call.argument(behind, "context")
    if given is None:
        return (), spread
    if not isinstance(given, tree.Mapping):
        return (), True
    keys = [key.value if isinstance(key, tree.Constant) else None for key, _ in given.items]
    named = tuple((key, value) for key, (_, value) in zip(keys, given.items, strict=True) if isinstance(key, str))
    return named, len(named) < len(given.items)


def _forwards(project: Project, renderers: Renderers) -> tuple[_Forward, ...]:
    """The functions that render what their callers name."""
    return tuple(dict.fromkeys(each for path in project.paths for each in project[_forwards_in, (path, renderers)]))


def _forwards_in(project: Project, key: tuple[str, Renderers]) -> tuple[_Forward, ...]:
    path, renderers = key
    found = []
    for function, _, _, _, name in _renders(project, path, renderers):
        if isinstance(name, tree.Path) and function.qualname and not _rebinds(function, name.text):
            params = [each for each in function.params if each.kind in ("positional", "keyword")]
            names = [each.name for each in params]
            if name.text in names:
                position = names.index(name.text) if params[names.index(name.text)].kind == "positional" else 99
                shift = 1 if function.owner and not _is_static(function) else 0
                found.append(_Forward(Symbol("function", path, function.qualname), position - shift, name.text))
    return tuple(found)


def _rebinds(function: Function, name: str) -> bool:
    """Whether a function gives its parameter another value."""
    targets = (
        target
        for node in function.nodes
        for target in (
            node.targets
            if isinstance(node, tree.Assign)
            else (node.target,)
            if isinstance(node, (tree.For, tree.AugAssign))
            else ()
        )
    )
    return any(isinstance(target, tree.Path) and target.text == name for target in targets)


def _is_static(function: Function) -> bool:
    return any(getattr(each, "last", "") == "staticmethod" for each in function.decorators)


def _through(project: Project, key: tuple[str, Renderers, frozenset[str]]) -> tuple[Rendering, ...]:
    """The calls of forwarding functions in a file."""
    path, renderers, names = key
    known = {each.function: each for each in project[_forwards, renderers]}
    found = []
    for _, scope, call, callee in _calls(project, path, names):
        forward = known.get(callee)
        name = call.argument(forward.position, forward.parameter) if forward is not None else None
        if name is not None:
            given = _names(project, scope, name)
            found.append(Rendering(renderers.lookup, given, Location(path, name.at), scope, (), True, False))
    return tuple(found)


def _declared(project: Project, renderers: Renderers) -> tuple[Rendering, ...]:
    """What classes say in an attribute that a method of theirs renders: `render_template(self.template)`."""
    found = []
    for path in project.paths:
        for cls, attribute in project[_attributes, (path, renderers)]:
            for each in project[descendants, cls]:
                facts = class_facts(project, each)
                for binding in facts.fields if facts else ():
                    value = binding.value
                    if binding.name == attribute and isinstance(value, tree.Constant) and isinstance(value.value, str):
                        scope, place = (each.path, each.name), Location(each.path, value.at)
                        names = (value.value,) if value.value else ()
                        found.append(Rendering(renderers.lookup, names, place, scope, (), True, False))
    return tuple(found)


def _attributes(project: Project, key: tuple[str, Renderers]) -> tuple[tuple[Symbol, str], ...]:
    """The classes of a file whose methods render an attribute of theirs."""
    path, renderers = key
    found = []
    for function, _, _, _, name in _renders(project, path, renderers):
        start = f"{function.params[0].name}." if function.owner and function.params else "\0"
        if isinstance(name, tree.Path) and name.text.startswith(start) and name.text.count(".") == 1:
            found.append((Symbol("class", path, function.owner), name.last))
    return tuple(dict.fromkeys(found))
