"""Where Flask's context locals are read while no context is pushed: on import, in threads, in streamed responses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cdlint.facts import tree
from cdlint.facts.model import Function, Import, Module
from cdlint.facts.tree import Node
from cdlint.project import Project
from cdlint.project.answers import Symbol
from cdlint.project.calls import callees
from cdlint.project.classes import function_facts
from cdlint.project.imports import edges
from cdlint.project.places import is_aside
from cdlint.project.values import evaluate
from cdlint.rule import Location

from ._wiring import wiring

_LOCALS = frozenset({"current_app", "g", "request", "session"})
_NEEDY = frozenset({"url_for", "render_template", "render_template_string", "jsonify", "flash"})
"""Functions that ask for the current application."""
_STARTERS = {
    "threading.Thread": (1, "target"),
    "threading.Timer": (1, "function"),
    "concurrent.futures.ThreadPoolExecutor().submit": (0, "fn"),
    "concurrent.futures.ProcessPoolExecutor().submit": (0, "fn"),
    "multiprocessing.Process": (1, "target"),
}
_RESPONSES = frozenset({"flask.Response", "flask.wrappers.Response", "flask.Flask().response_class"})
PUSHES = ("app_context", "request_context", "test_request_context", "copy_current_request_context")
_DEPTH = 3


class Outside(NamedTuple):
    """A local that is read without a context. `how`: `import`, `thread` or `stream`; `start` begins what reads it."""

    at: Location
    name: str
    how: str
    start: Location


def outside(project: Project) -> tuple[Outside, ...]:
    """All such places."""
    if not project[wiring]:
        return ()
    return tuple(each for path in project.paths if not is_aside(path) for each in project[_outside_in, path])


def _outside_in(project: Project, path: str) -> tuple[Outside, ...]:
    module = project.module(path)
    if module is None:
        return ()
    names = project[flask_names, path]
    found = list(_imported(module, path, names)) if names else []
    if found and not runs_bare(project, path, module):
        found = []
    for function in module.functions:
        found.extend(_threads(project, path, function))
        if names and function.qualname and not function.is_generator:
            found.extend(_streams(project, path, module, function))
    return tuple(found)


def flask_names(project: Project, path: str) -> dict[str, str]:
    """What a file calls the locals of Flask and the functions that need one, as it writes them."""
    module = project.module(path)
    return _named(module.imports if module is not None else ())


def _named(imports: Iterable[Import]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in imports:
        if each.module in ("flask", "flask.globals") and each.name in _LOCALS | _NEEDY and each.kind == "runtime":
            found[each.alias] = each.name
        elif each.module == "flask" and each.name is None:
            found.update({f"{each.alias}.{name}": name for name in _LOCALS | _NEEDY})
    return found


def _names_in(project: Project, path: str, function: Function) -> dict[str, str]:
    """What a function calls them: what it binds itself, or a function around it, hides what the file calls so."""
    module = project.module(path)
    if module is None:
        return {}
    around = [function]
    while around[-1].parent:
        around.append(next(each for each in module.functions if each.qualname == around[-1].parent))
    scopes = {each.qualname for each in around}
    hidden = {name for each in around if each.qualname for name in each.binds}
    named = _named(each for each in module.imports if not each.scope)
    outer = {name: local for name, local in named.items() if name.partition(".")[0] not in hidden}
    return outer | _named(each for each in module.imports if each.scope in scopes - {""})


def runs_bare(project: Project, path: str, module: Module) -> bool:
    """Whether a module surely runs without a context: no function that pushes one imports it, itself or in the end.

    One that nobody imports and that makes no application, such as Alembic's `env.py`, is run by something else.
    """
    starts = any(each.rpartition(".")[2] == "Flask" for each in module.main.calls)
    if any(each.module.startswith("alembic") for each in module.imports) or not (
        starts or project[_importers].get(path)
    ):
        return False
    seen, stack = {path}, [path]
    while stack:
        for importer in project[_importers].get(stack.pop(), ()):
            if importer not in seen:
                if project[_imports_inside, importer]:
                    return False
                seen.add(importer)
                stack.append(importer)
    return True


def _importers(project: Project) -> dict[str, tuple[str, ...]]:
    """File -> the files that import it, those that are only run with a context included."""
    found: dict[str, dict[str, None]] = {}
    for path in project.paths:
        for edge in project[edges, path]:
            found.setdefault(edge.imported, {})[path] = None
    return {target: tuple(paths) for target, paths in found.items()}


def _imports_inside(project: Project, path: str) -> bool:
    """Whether a file imports something in a function, or in a block, that pushes a context."""
    module = project.module(path)
    if module is None:
        return False
    scopes = {each.scope for each in module.imports}
    return any(
        function.qualname in scopes and any(function.mentions(push) for push in PUSHES) for function in module.functions
    )


def _imported(module: Module, path: str, names: dict[str, str]) -> Iterator[Outside]:
    """What is read while the module is imported: in its body, class bodies, decorators and defaults."""
    nodes: list[Node] = []
    if any(module.main.mentions(name) for name in names):
        nodes.extend(module.main.body)
    for function in module.functions:
        if function.qualname and not function.parent:
            nodes.extend(function.decorators if function.decorator_codes else ())
            nodes.extend(param.default for param in function.params if param.default_code is not None)
    for at, name in _reads(nodes, names):
        yield Outside(Location(path, at), name, "import", Location(path, at))


def _reads(nodes: list[Node] | tuple[Node, ...], names: dict[str, str]) -> Iterator[tuple[tree.At, str]]:
    """The first read of each local that runs when the nodes do and in no block that pushes a context."""
    seen: set[str] = set()
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        if node is None or isinstance(node, tree.Lambda) or pushes(node) or _handled(node):
            continue
        name = _read(node, names)
        if name and name not in seen:
            seen.add(name)
            yield node.at, name
        stack.extend(reversed(tuple(tree.children(node))))


def _handled(node: Node) -> bool:
    """A `try` is meant to cope, and what stands under a condition may ask for a context first."""
    return isinstance(node, (tree.Try, tree.If))


def pushes(node: Node) -> bool:
    """Whether a node is a `with` that pushes a context."""
    return isinstance(node, tree.With) and any(
        getattr(call.func, "last", "") in PUSHES for context, _ in node.items for call in tree.calls(context)
    )


def _read(node: Node, names: dict[str, str]) -> str:
    """The local that a node reads an attribute or an item of, or the function that needs one and is called."""
    if isinstance(node, tree.Path):
        owner = node.text.split(".")
        for count in range(1, len(owner)):
            name = names.get(".".join(owner[:count]), "")
            if name in _LOCALS and not owner[count].startswith("__"):
                return name
    if isinstance(node, tree.Subscript) and isinstance(node.value, tree.Path):
        name = names.get(node.value.text, "")
        return name if name in _LOCALS else ""
    if isinstance(node, tree.Call) and isinstance(node.func, tree.Path):
        name = names.get(node.func.text, "")
        return name if name in _NEEDY else ""
    return ""


def _threads(project: Project, path: str, function: Function) -> Iterator[Outside]:
    for target, start in thread_targets(project, path, function):
        for at, name in project[_thread_reads, (target, _DEPTH)]:
            yield Outside(at, name, "thread", start)


def thread_targets(project: Project, path: str, function: Function) -> Iterator[tuple[Symbol, Location]]:
    """The functions of the repository that a function starts in threads, and where."""
    last = {name.rpartition(".")[2] for name in _STARTERS}
    if last.isdisjoint(function.lasts):
        return
    scope = (path, function.qualname)
    for call in function.call_nodes:
        if getattr(call.func, "last", "") not in last:
            continue
        callee = evaluate(project, scope, call.func)
        given = _STARTERS.get(callee.name) if isinstance(callee, Symbol) else None
        node = call.argument(*given) if given else None
        target = evaluate(project, scope, node) if node is not None else None
        if isinstance(target, Symbol) and target.kind == "function":
            yield target, Location(path, call.at)


def _thread_reads(project: Project, key: tuple[Symbol, int]) -> tuple[tuple[Location, str], ...]:
    """What a function that runs in a thread of its own reads, itself or by what it calls."""
    function, depth = key
    facts = function_facts(project, function)
    if facts is None or facts.decorator_codes or any(facts.mentions(push) for push in PUSHES):
        return ()
    names = _names_in(project, function.path, facts)
    found = [(Location(function.path, at), name) for at, name in _reads(facts.body, names)] if names else []
    if depth > 0 and not found:
        for called, _ in project[callees, function]:
            found.extend(project[_thread_reads, (called, depth - 1)])
    return tuple(found[:1])


def _streams(project: Project, path: str, module: Module, function: Function) -> Iterator[Outside]:
    """Generators that a view hands to a response: they run when the context is gone."""
    inner = {each.name: each for each in module.functions if each.parent == function.qualname and each.is_generator}
    if not inner:
        return
    for node in function.nodes:
        value = node.value if isinstance(node, tree.Return) else None
        if isinstance(value, tree.Call) and isinstance(value.func, (tree.Path, tree.Attribute)):
            callee = evaluate(project, (path, function.qualname), value.func)
            if isinstance(callee, Symbol) and callee.name in _RESPONSES:
                value = value.argument(0, "response")
        name = getattr(value.func, "text", "") if isinstance(value, tree.Call) else ""
        generator = inner.get(name)
        if generator is not None and not generator.decorator_codes:
            for at, local in _reads(generator.body, _names_in(project, path, generator)):
                if local in _LOCALS:
                    yield Outside(Location(path, at), local, "stream", Location(path, node.at))
